// An update in place of all containers of a run, in order, and what it comes to.
import { limits } from '../../model/limits.ts';
import type { LogOrigin } from '../../model/log.ts';
import type { Ports } from '../../model/ports.ts';
import type { Problem } from '../../model/problem.ts';
import type { ContainerTarget, KubeWork, Outcome, Work } from '../../model/run.ts';
import { running, type Saying } from '../running.ts';
import type { Strategy } from '../strategy.ts';
import { isEmpty, type SyncRequest } from '../synclet/request.ts';
import { noteTouched } from '../touched.ts';
import { type ContainerPlan, liveWork } from './claim.ts';
import type { LivePlan } from './plan.ts';
import { requestOf } from './request.ts';
import { Declined, type LiveAnswer, type LiveTransport } from './transport.ts';

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
      const touched = live.plans.filter(({ plan }) => !plan.isEmpty).map(({ container }) => container);
      const [outcome] = await Promise.all([updateAll(name, live.plans, it), noteTouched(it.work, touched, ports)]);
      return outcome;
    });

/**
 * A failed step leaves its container at its old ledger, so that the next change runs it again; others go on. One that is
 * gone is left out: what takes its place is brought up to date by itself. What cannot be done in this way is handed to the
 * next strategy, unless steps have been run already: they would be run twice.
 */
async function updateAll(strategy: string, plans: readonly ContainerPlan[], it: Updating): Promise<Outcome> {
  const ledgers: Record<string, number> = {};
  let [problem, hasRun]: [Problem | null, boolean] = [null, false];
  for (const { container, plan } of plans) {
    const one: One = plan.isEmpty ? { is: 'ok' } : await updateOne(container, plan, it);
    if (one.is === 'declined' && !hasRun) return one;
    if (one.is === 'declined') problem ??= onlySome(one.because, it);
    if (one.is === 'failed') problem ??= one.problem;
    if (one.is === 'ok') ledgers[container.id] = plan.change;
    hasRun ||= plan.runs.length > 0 || plan.restart !== null;
  }
  if (problem) return failed(problem, ledgers, Object.keys(ledgers).length > 0);
  const unchanged = plans.every(({ plan }) => plan.isEmpty);
  return { is: 'ok', result: { strategy, images: [], deployed: null, ledgers, unchanged } };
}

type One =
  | { readonly is: 'ok' | 'gone' }
  | { readonly is: 'declined'; readonly because: string }
  | { readonly is: 'failed'; readonly problem: Problem };

async function updateOne(container: ContainerTarget, plan: LivePlan, it: Updating): Promise<One> {
  if (plan.restart === 'container' && !it.transport.restart)
    return { is: 'failed', problem: wrongRestart(it, container) };
  try {
    const answer = await sent(container, plan, it);
    if (answer.is === 'lost')
      return (await isGone(container, it)) ? { is: 'gone' } : lost(answer.because, container, it);
    if (answer.is === 'run-failed') return { is: 'failed', problem: runFailed(plan, answer, container, it) };
    if (answer.is === 'restart-failed') return { is: 'failed', problem: notRestarted(container, it) };
    if (plan.restart === 'container') {
      it.say.step('restart', container.name);
      await it.transport.restart!(container, it.stop);
    }
    return { is: 'ok' };
  } catch (error) {
    if (await isGone(container, it)) return { is: 'gone' };
    if (error instanceof Declined) return { is: 'declined', because: error.message };
    throw error;
  }
}

async function sent(container: ContainerTarget, plan: LivePlan, it: Updating): Promise<LiveAnswer> {
  const { work, transport, ports, say, stop } = it;
  const request = await requestOf(plan, container.name, ports.disk, stop);
  if (isEmpty(request)) return { is: 'ok', restarted: null };
  const origin = originOf(work, container);
  say.step('sync', detail(request, container));
  const output = (chunk: Uint8Array) => ports.logs.write(origin, chunk, ports.now());
  const answer = await transport
    .apply(container, request, output, stop)
    .finally(() => ports.logs.end(origin, ports.now()));
  if (answer.is !== 'lost') ports.logs.line(origin, 'info', `updated ${detail(request, container)}`, ports.now());
  return answer;
}

/** Asked after a failure alone. Where the answer is out of reach, the failure itself is what counts. */
async function isGone(container: ContainerTarget, { work, transport, ports, stop }: Updating): Promise<boolean> {
  if (stop.aborted || (await transport.isThere(container, stop).catch(() => true))) return false;
  const text = `${container.pod}/${container.name} is gone: the container that takes its place gets the files`;
  ports.logs.line(originOf(work, container), 'info', text, ports.now());
  return true;
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

const lost = (because: string, container: ContainerTarget, { work }: Updating): One => ({
  is: 'failed',
  problem: {
    kind: 'step',
    code: 'S706',
    what: `the connection to ${container.pod}/${container.name} was lost while its steps ran: ${because}`,
    hint: 'a step may have been cut off; the steps run again with the next change, or with `sluice trigger`',
    at: work.spec.at,
  },
});

const onlySome = (because: string, { work }: Updating): Problem => ({
  kind: 'step',
  code: 'S707',
  what: `only some containers could be updated in place: ${because}`,
  hint: 'a full build follows, so that all are the same again',
  at: work.spec.at,
});

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
