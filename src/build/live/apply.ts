// An update in place of all containers of a run, in order, and what it comes to.
import { limits } from '../../model/limits.ts';
import type { LogOrigin } from '../../model/log.ts';
import type { Ports } from '../../model/ports.ts';
import type { Problem } from '../../model/problem.ts';
import type { ContainerTarget, KubeWork, Outcome, Work } from '../../model/run.ts';
import { running, type Saying } from '../running.ts';
import type { Strategy } from '../strategy.ts';
import { isEmpty, type SyncRequest } from '../synclet/request.ts';
import { type ContainerPlan, liveWork } from './claim.ts';
import type { LivePlan } from './plan.ts';
import { requestOf } from './request.ts';
import { Declined, type LiveTransport } from './transport.ts';

interface Updating {
  readonly work: KubeWork;
  readonly transport: LiveTransport;
  readonly ports: Ports;
  readonly say: Saying;
  readonly stop: AbortSignal;
}

/** The `run` of a strategy that updates in place by `transport`. */
export const updateInPlace =
  (name: string, transport: (ports: Ports) => LiveTransport): Strategy['run'] =>
  (work, stop, ports) =>
    running(stop, async (say, signal) => {
      say.phase('update');
      const it = { work: work as KubeWork, transport: transport(ports), ports, say, stop: signal };
      const live = liveWork(it.work);
      if (live.is === 'wrong') return failed(live.problem, {}, false);
      if (live.is === 'impossible') return { is: 'declined', because: live.because };
      try {
        return await updateAll(name, live.plans, it);
      } catch (error) {
        if (error instanceof Declined) return { is: 'declined', because: error.message };
        throw error;
      }
    });

/** A failed step leaves its container at its old ledger, so that the next change runs it again; others go on. */
async function updateAll(strategy: string, plans: readonly ContainerPlan[], it: Updating): Promise<Outcome> {
  const ledgers: Record<string, number> = {};
  let problem: Problem | null = null;
  for (const { container, plan } of plans) {
    const failure = plan.isEmpty ? null : await updateOne(container, plan, it);
    if (failure) problem ??= failure;
    else ledgers[container.id] = plan.change;
  }
  if (problem) return failed(problem, ledgers, Object.keys(ledgers).length > 0);
  const unchanged = plans.every(({ plan }) => plan.isEmpty);
  return { is: 'ok', result: { strategy, images: [], deployed: null, ledgers, unchanged } };
}

async function updateOne(container: ContainerTarget, plan: LivePlan, it: Updating): Promise<Problem | null> {
  const { work, transport, ports, say, stop } = it;
  if (plan.restart === 'container' && !transport.restart) return wrongRestart(it, container);
  const request = await requestOf(plan, container.name, ports.disk, stop);
  const origin = originOf(work, container);
  if (!isEmpty(request)) {
    say.step('sync', detail(request, container));
    const answer = await transport.apply(
      container,
      request,
      (chunk) => ports.logs.write(origin, chunk, ports.now()),
      stop,
    );
    ports.logs.end(origin, ports.now());
    ports.logs.line(origin, 'info', `updated ${detail(request, container)}`, ports.now());
    if (answer.is === 'run-failed') return runFailed(plan, answer, container, it);
    if (answer.is === 'restart-failed') return notRestarted(container, it);
  }
  if (plan.restart === 'container') {
    say.step('restart', container.name);
    await transport.restart!(container, stop);
  }
  return null;
}

const originOf = (work: Work, container: ContainerTarget): LogOrigin => ({
  resource: work.resource,
  source: 'build',
  run: work.run,
  pod: container.pod,
  container: container.name,
});

function detail(request: SyncRequest, container: ContainerTarget): string {
  const parts = [
    count(request.entries.length, 'file', ''),
    count(request.removes.length, 'file', ' removed'),
    count(request.runs.length, 'step', ' run'),
    request.restart === null ? [] : ['process restarted'],
  ].flat();
  return `${container.pod}/${container.name}: ${parts.join(', ') || 'nothing to do'}`;
}

const count = (n: number, noun: string, verb: string): string[] =>
  n === 0 ? [] : [`${n} ${noun}${n === 1 ? '' : 's'}${verb}`];

function runFailed(
  plan: LivePlan,
  { run, code }: { readonly run: number; readonly code: number },
  container: ContainerTarget,
  { work, ports }: Updating,
): Problem {
  const step = plan.runs[run] ?? plan.runs[0]!;
  const logTail = ports.logs.tailText({ resources: [work.resource], sources: ['build'] }, limits.problemLogLines);
  return {
    kind: 'step',
    code: 'S702',
    what: `"${step.cmd}" ended with code ${code} in ${container.pod}/${container.name}`,
    hint: 'the changed files are in the container; the step runs again with the next change',
    at: step.at,
    logTail,
  };
}

function notRestarted(container: ContainerTarget, { work }: Updating): Problem {
  return {
    kind: 'step',
    code: 'S703',
    what: `the process in ${container.pod}/${container.name} was not restarted`,
    hint: 'the changed files are in the container; the old process may still run',
    at: work.spec.at,
  };
}

function wrongRestart({ work }: Updating, container: ContainerTarget): Problem {
  const rules = work.images.find(({ spec }) => spec.ref === container.image)?.spec.live ?? [];
  return {
    kind: 'yours',
    code: 'S704',
    what: 'restart: container would lose the changed files: Kubernetes replaces a container that ends',
    hint: 'use restart: process',
    at: rules.find((rule) => rule.is === 'restart')?.at ?? work.spec.at,
  };
}

const failed = (problem: Problem, ledgers: Readonly<Record<string, number>>, inconsistent: boolean): Outcome => ({
  is: 'failed',
  problem,
  phase: 'update',
  images: [],
  ledgers,
  inconsistent,
});
