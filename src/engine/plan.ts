// The planner: state → what should be running (`desired`), why something waits (`hold`), when to look again (`wakeAt`).
import { limits } from '../model/limits.ts';
import type { EngineState, Hold, ResourceState } from '../model/state.ts';
import { drain } from './drain.ts';
import { holdOf } from './hold.ts';
import { isIdle } from './idle.ts';
import { isRunning } from './resource.ts';
import { liveChange, podsByResource, runtimeOf } from './runtime.ts';
import { isStale } from './stale.ts';
import { workFor } from './work.ts';

export function plan(state: EngineState, at: number): EngineState {
  const known = withRuntimes(state, at);
  const planned = known.phase === 'draining' ? drain(known, at) : known.phase === 'up' ? withRuns(known, at) : known;
  const wakeAt = nextWake(planned);
  const idle = isIdle(planned);
  return planned.wakeAt === wakeAt && planned.isIdle === idle ? planned : { ...planned, wakeAt, isIdle: idle };
}

function withRuntimes(state: EngineState, at: number): EngineState {
  const pods = podsByResource(state);
  let resources: Record<string, ResourceState> | null = null;
  for (const name of state.order) {
    const before = state.resources[name];
    if (!before) continue;
    const changed = withRuntime(before, runtimeOf(before, pods.get(name) ?? []), at);
    if (changed === before) continue;
    resources ??= { ...state.resources };
    resources[name] = changed;
  }
  return resources ? { ...state, resources } : state;
}

function withRuntime(before: ResourceState, runtime: ReturnType<typeof runtimeOf>, at: number): ResourceState {
  const was = before.runtime;
  const isSame =
    was.status === runtime.status &&
    was.text === runtime.text &&
    was.stuck === runtime.stuck &&
    was.problem?.what === runtime.problem?.what;
  const isUp = runtime.status === 'ready' || runtime.status === 'done';
  const next = isSame
    ? before
    : { ...before, runtime: { ...runtime, since: was.status === runtime.status ? was.since : at } };
  const live = liveChange(next);
  if (next === before && live === before.live && (before.wasReady || !isUp)) return before;
  return { ...next, live, wasReady: before.wasReady || isUp };
}

/** Does this resource want a run: asked for, or a change newer than what the last run was given. */
export const wantsRun = (resource: ResourceState): boolean =>
  resource.enabled &&
  (resource.asked !== null ||
    (resource.trigger === 'auto' &&
      resource.seen > Math.max(resource.contained, resource.given) &&
      mayFollowFiles(resource)));

/** Files alone start nothing in a resource that starts only when asked and never was. */
const mayFollowFiles = (resource: ResourceState): boolean =>
  resource.spec.start || resource.last !== null || resource.run !== null;

function withRuns(state: EngineState, at: number): EngineState {
  let next = withoutStale(state, at);
  let running = next.order.filter((name) => isRunning(next.resources[name] as ResourceState)).length;
  const parallel = state.config.current?.settings.parallel ?? limits.parallel;
  for (const name of byPriority(next)) {
    const resource = next.resources[name] as ResourceState;
    const hold = holdOf(next, name, resource) ?? (running >= parallel ? { reason: 'slots' as const, on: [] } : null);
    if (hold) next = put(next, name, withHold(resource, hold));
    else {
      next = put(next, name, desired(next, name, resource));
      running++;
    }
  }
  return withoutOldHolds(next);
}

const put = (state: EngineState, name: string, resource: ResourceState): EngineState =>
  state.resources[name] === resource ? state : { ...state, resources: { ...state.resources, [name]: resource } };

const withHold = (resource: ResourceState, hold: Hold): ResourceState =>
  resource.hold?.reason === hold.reason && resource.hold.on.join() === hold.on.join()
    ? resource
    : { ...resource, hold };

function desired(state: EngineState, name: string, resource: ResourceState): ResourceState {
  return { ...resource, desired: workFor(state, name, resource), asked: null, hold: null, runs: resource.runs + 1 };
}

/** Runs whose result nobody wants any more are replaced; the operator stops the old one before the new one starts. */
function withoutStale(state: EngineState, at: number): EngineState {
  let next = state;
  for (const name of state.order) {
    const resource = next.resources[name] as ResourceState;
    const { run, desired: wanted } = resource;
    if (!run || wanted?.run !== run.id) continue;
    const isNewer = resource.asked !== null || (resource.trigger === 'auto' && resource.seen > wanted.change);
    if (isNewer && next.config.wanted === next.config.loaded && !next.git.held && isStale(resource, at))
      next = put(next, name, desired(next, name, resource));
  }
  return next;
}

/** First runs: local, then what belongs to no workload, then what needs no image, then as written. Later: who waits longest. */
function byPriority(state: EngineState): readonly string[] {
  const waiting = state.order.filter((name) => {
    const resource = state.resources[name] as ResourceState;
    return !isRunning(resource) && wantsRun(resource);
  });
  const rank = (name: string): number => {
    const { asked, spec } = state.resources[name] as ResourceState;
    if (asked?.cause !== 'first') return asked ? 4 : 5;
    if (spec.kind === 'local') return 0;
    if (name === 'uncategorized') return 1;
    return spec.images.length === 0 ? 2 : 3;
  };
  const since = (name: string): number => {
    const { asked, pendingSince } = state.resources[name] as ResourceState;
    return asked?.at ?? pendingSince ?? 0;
  };
  const ranks = new Map(waiting.map((name) => [name, rank(name)]));
  return waiting.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || since(a) - since(b));
}

function withoutOldHolds(state: EngineState): EngineState {
  let next = state;
  for (const name of state.order) {
    const resource = next.resources[name] as ResourceState;
    if (resource.hold && (isRunning(resource) || !wantsRun(resource)))
      next = put(next, name, { ...resource, hold: null });
  }
  return next;
}

function nextWake(state: EngineState): number | null {
  let wake = Number.POSITIVE_INFINITY;
  for (const resource of Object.values(state.resources))
    if (resource.restartAt !== null && resource.enabled && state.phase === 'up')
      wake = Math.min(wake, resource.restartAt);
  if (state.phase === 'draining' && state.stop) wake = Math.min(wake, state.stop.at + limits.drainMs);
  return wake === Number.POSITIVE_INFINITY ? null : wake;
}
