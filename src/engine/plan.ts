// The planner: state → what should be running (`desired`), why something waits (`hold`), when to look again (`wakeAt`).
import { limits } from '../model/limits.ts';
import type { EngineState, Hold, ResourceState } from '../model/state.ts';
import { drain } from './drain.ts';
import { holdOf } from './hold.ts';
import { isIdle } from './idle.ts';
import { listed, replaced } from './listed.ts';
import { withRefills, withRestarts, withRuntimes } from './observe.ts';
import { isRunning } from './resource.ts';
import { isStale } from './stale.ts';
import { nextTrialAt, withTrials } from './trial.ts';
import { wantsRun } from './want.ts';
import { workFor } from './work.ts';

export function plan(state: EngineState, at: number): EngineState {
  const known = withRuntimes(withTrials(state, at), at);
  const planned = known.phase === 'draining' ? drain(known, at) : known.phase === 'up' ? withRuns(known, at) : known;
  const wakeAt = nextWake(planned);
  const idle = isIdle(planned);
  return planned.wakeAt === wakeAt && planned.isIdle === idle ? planned : { ...planned, wakeAt, isIdle: idle };
}

function withRuns(state: EngineState, at: number): EngineState {
  let next = withoutStale(withRestarts(withRefills(state, at), at), at);
  let running = listed(next).filter(isRunning).length;
  const parallel = state.config.current?.settings.parallel ?? limits.parallel;
  const waiting = byPriority(next);
  if (waiting.length === 0) return withoutOldHolds(next);
  // One copy for all that are held or started: each of them is planned with what was decided for those before it.
  const resources: Record<string, ResourceState> = { ...next.resources };
  const draft: EngineState = { ...next, resources };
  const changed: ResourceState[] = [];
  for (const resource of waiting) {
    const { name } = resource.spec;
    const hold = holdOf(draft, name, resource) ?? (running >= parallel ? { reason: 'slots' as const, on: [] } : null);
    const decided = hold ? withHold(resource, hold) : desired(draft, name, resource);
    if (!hold) running++;
    if (decided === resource) continue;
    resources[name] = decided;
    changed.push(decided);
  }
  next = replaced(next, changed);
  return withoutOldHolds(next);
}

const withHold = (resource: ResourceState, hold: Hold): ResourceState =>
  resource.hold?.reason === hold.reason && resource.hold.on.join() === hold.on.join()
    ? resource
    : { ...resource, hold };

function desired(state: EngineState, name: string, resource: ResourceState): ResourceState {
  const work = workFor(state, name, resource);
  // Containers whose update fails wait for a new change like any other failure.
  const refilled = work.kind === 'kubernetes' ? work.containers.map(({ id }) => id) : [];
  return { ...resource, desired: work, refilled, asked: null, hold: null, retryAt: null, runs: resource.runs + 1 };
}

/** Runs whose result nobody wants any more are stopped; the next one is planned from what they leave behind. */
function withoutStale(state: EngineState, at: number): EngineState {
  if (state.config.wanted !== state.config.loaded || state.git.held) return state;
  const stale = listed(state).filter((resource) => {
    const { run, desired: wanted } = resource;
    if (!run || wanted?.run !== run.id) return false;
    const isNewer = resource.asked !== null || (resource.trigger === 'auto' && resource.seen > wanted.change);
    return isNewer && isStale(resource, at);
  });
  return replaced(
    state,
    stale.map((resource) => ({ ...resource, desired: null, cancels: resource.cancels + 1 })),
  );
}

/** First runs: local, then what belongs to no workload, then what needs no image, then as written. Later: who waits longest. */
function byPriority(state: EngineState): readonly ResourceState[] {
  return listed(state)
    .filter((resource) => !isRunning(resource) && wantsRun(resource))
    .map((resource) => ({
      resource,
      rank: rank(resource.spec.name, resource),
      since: resource.asked?.at ?? resource.pendingSince ?? 0,
    }))
    .sort((a, b) => a.rank - b.rank || a.since - b.since)
    .map(({ resource }) => resource);
}

function rank(name: string, { asked, spec }: ResourceState): number {
  if (asked?.cause !== 'first') return asked ? 4 : 5;
  if (spec.kind === 'local') return 0;
  if (name === 'uncategorized') return 1;
  return spec.images.length === 0 ? 2 : 3;
}

function withoutOldHolds(state: EngineState): EngineState {
  const over = listed(state).filter((resource) => resource.hold && (isRunning(resource) || !wantsRun(resource)));
  return replaced(
    state,
    over.map((resource) => ({ ...resource, hold: null })),
  );
}

function nextWake(state: EngineState): number | null {
  let wake = Number.POSITIVE_INFINITY;
  if (state.phase === 'up')
    for (const { enabled, restartAt, retryAt, runtime } of listed(state)) {
      const waitedOut =
        runtime.status === 'failed' && runtime.mends === 'waits' ? runtime.since + limits.podMendMs : wake;
      if (enabled) wake = Math.min(wake, restartAt ?? wake, retryAt ?? wake, waitedOut);
    }
  if (state.phase === 'up') wake = Math.min(wake, nextTrialAt(state) ?? wake);
  if (state.phase === 'draining' && state.stop) wake = Math.min(wake, state.stop.at + limits.drainMs);
  return wake === Number.POSITIVE_INFINITY ? null : wake;
}
