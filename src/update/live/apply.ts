// An update in place of all containers of a run, in order, and what it comes to.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../model/limits.ts';
import type { LogOrigin } from '../../model/log.ts';
import type { Ports } from '../../model/ports.ts';
import { isProblemError, type Problem } from '../../model/problems/problem.ts';
import type { ContainersWork, ContainerTarget, InPlace, Outcome, Work } from '../../model/run.ts';
import type { Strategy } from '../strategy.ts';
import { type Saying, strategyRun } from '../strategy-run.ts';
import { type ContainerPlan, liveWork } from './claim.ts';
import { requestOf } from './container-update.ts';
import { failureOf, onlySome, wrongRestart } from './failures.ts';
import { noteTouched } from './filled-containers.ts';
import type { LivePlan } from './steps.ts';
import { isEmpty, type SyncRequest } from './synclet/message.ts';
import { declined, type LiveAnswer, type LiveTransport } from './transport.ts';

interface Updating {
  readonly work: ContainersWork;
  readonly transport: LiveTransport;
  readonly ports: Ports;
  readonly say: Saying;
  readonly stop: AbortSignal;
}

/** The `run` of a strategy that updates in place by `transport`. */
export const updateInPlace =
  (name: string, transport: (ports: Ports) => LiveTransport): Strategy['run'] =>
  (work, stop, ports) =>
    strategyRun(stop, async (say, signal) => {
      say.phase('update');
      const updating = { work: work as ContainersWork, transport: transport(ports), ports, say, stop: signal };
      const live = liveWork(updating.work);
      if (live.is === 'wrong') return failed(live.problem, nowhere, false);
      if (live.is === 'impossible') return { is: 'declined', because: live.because };
      const touched = live.plans.filter(({ plan }) => !plan.isEmpty).map(({ container }) => container);
      const [outcome] = await Promise.all([
        updateAll(name, live.plans, updating),
        noteTouched(updating.work, touched, ports),
      ]);
      return outcome;
    });

const nowhere: InPlace = { ledgers: {}, restarted: [] };

/**
 * A failed step leaves its container at its old ledger, so that the next change runs it again; others go on. One that is
 * gone is left out: what takes its place is brought up to date by itself. What cannot be done in this way is handed to the
 * next strategy, unless steps have been run already: they would be run twice.
 */
async function updateAll(strategy: string, plans: readonly ContainerPlan[], updating: Updating): Promise<Outcome> {
  const ledgers: Record<string, number> = {};
  const restarted: string[] = [];
  let [problem, hasRun]: [Problem | null, boolean] = [null, false];
  for (const { container, plan } of plans) {
    const one: One = plan.isEmpty ? { is: 'ok', restarted: false } : await updateOne(container, plan, updating);
    if (one.is === 'declined' && !hasRun) return declined(one.because);
    if (one.is === 'declined') problem ??= onlySome(one.because, updating.work);
    if (one.is === 'failed') problem ??= one.problem;
    if (one.is === 'ok') ledgers[container.id] = plan.change;
    // Gone while it was restarted: that may be what ended it.
    if ((one.is === 'ok' && one.restarted) || (one.is === 'gone' && plan.restart !== null))
      restarted.push(container.id);
    hasRun ||= plan.runs.length > 0 || plan.restart !== null;
  }
  const inPlace = { ledgers, restarted };
  if (problem) return failed(problem, inPlace, Object.keys(ledgers).length > 0);
  const unchanged = plans.every(({ plan }) => plan.isEmpty);
  return { is: 'ok', result: { strategy, images: [], deployed: null, ...inPlace, unchanged } };
}

type One =
  | { readonly is: 'ok'; readonly restarted: boolean }
  | { readonly is: 'gone' }
  | { readonly is: 'declined'; readonly because: string }
  | { readonly is: 'failed'; readonly problem: Problem };

async function updateOne(container: ContainerTarget, plan: LivePlan, updating: Updating): Promise<One> {
  if (plan.restart === 'container' && !updating.transport.restart)
    return { is: 'failed', problem: wrongRestart(updating.work, container) };
  try {
    const { answer, said } = await sent(container, plan, updating);
    if (answer.is === 'lost') {
      const away = plan.runs.length > 0 ? null : await outOfReach(container, updating);
      if (away) return { is: 'failed', problem: away };
      if (await isEnded(container, plan, updating)) return { is: 'gone' };
    }
    if (answer.is === 'declined') return (await isGone(container, updating)) ? { is: 'gone' } : answer;
    if (answer.is !== 'ok') {
      const problem = failureOf(answer, said, plan, container, updating);
      updating.ports.logs.line(originOf(updating.work, container), 'error', problem.what, updating.ports.now());
      return { is: 'failed', problem };
    }
    if (plan.restart !== 'container') return { is: 'ok', restarted: answer.restarted !== null };
    updating.say.step('restart', container.name);
    const kept = await updating.transport.restart!(container, updating.stop);
    if (kept) return (await isGone(container, updating)) ? { is: 'gone' } : kept;
    return { is: 'ok', restarted: true };
  } catch (error) {
    if (await isGone(container, updating)) return { is: 'gone' };
    throw error;
  }
}

/** The answer of the container, and the end of what its steps put out. */
async function sent(
  container: ContainerTarget,
  plan: LivePlan,
  { work, transport, ports, say, stop }: Updating,
): Promise<{ readonly answer: LiveAnswer; readonly said: string }> {
  const request = await requestOf(plan, container.name, ports.disk, stop);
  if (isEmpty(request)) return { answer: { is: 'ok', restarted: null }, said: '' };
  const origin = originOf(work, container);
  say.step('sync', detail(request, container));
  let said = '';
  const output = (chunk: Uint8Array) => {
    said = (said + Buffer.from(chunk).toString('utf8')).slice(-limits.syncErrorBytes);
    ports.logs.write(origin, chunk, ports.now());
  };
  const answer = await transport
    .apply(container, request, output, stop)
    .finally(() => ports.logs.end(origin, ports.now()));
  if (answer.is === 'ok') ports.logs.line(origin, 'info', `updated ${detail(request, container)}`, ports.now());
  return { answer, said };
}

/**
 * Why nobody can tell what became of the container: the update is tried again once somebody can. Files and a start of the process
 * may come twice, a step may not.
 */
const outOfReach = (container: ContainerTarget, { transport, stop }: Updating): Promise<Problem | null> =>
  transport.isThere(container, stop).then(
    () => null,
    (error) => (isProblemError(error) && error.problem.kind === 'unavailable' ? error.problem : null),
  );

/** A container that ended as its process was started anew: the cluster says so a moment later. */
async function isEnded(container: ContainerTarget, plan: LivePlan, updating: Updating): Promise<boolean> {
  const until = performance.now() + (plan.restart === null ? 0 : limits.containerEndMs);
  while (!(await isGone(container, updating))) {
    if (performance.now() >= until || updating.stop.aborted) return false;
    await sleep(limits.gonePollMs * 2);
  }
  return true;
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

const failed = (problem: Problem, inPlace: InPlace, inconsistent: boolean): Outcome => ({
  is: 'failed',
  problem,
  phase: 'update',
  images: [],
  ...inPlace,
  inconsistent,
});
