// The planner: state → what should be running (`desired`), why something waits (`hold`), when to look again (`wakeAt`).
import { limits } from '../../model/limits.ts';
import type { EngineState, Hold, ResourceState } from '../../model/state.ts';
import { replaced } from '../resources/listed.ts';
import { isRunning } from '../resources/resource.ts';
import { those } from '../resources/those.ts';
import { wantsRun } from '../resources/want.ts';
import { nextTrialAt, withTrials } from '../runtime/trial.ts';
import { drain } from './drain.ts';
import { holdOf } from './hold.ts';
import { isIdle } from './idle.ts';
import { withRefills, withRestarts, withRuntimes } from './observe.ts';
import { isStale } from './stale.ts';
import { workFor } from './work.ts';

export function plan(state: EngineState, at: number): EngineState {
  const known = withRuntimes(withTrials(state, at), at);
  const planned = known.phase === 'draining' ? drain(known, at) : known.phase === 'up' ? withRuns(known, at) : known;
  const wakeAt = nextWake(planned);
  const idle = isIdle(planned);
  return planned.wakeAt === wakeAt && planned.isIdle === idle ? planned : { ...planned, wakeAt, isIdle: idle };
}

function withRuns(state: EngineState, at: number): EngineState {
  const next = withoutStale(withRestarts(withRefills(state, at), at), at);
  const draft = decisionsOn(next);
  for (const resource of candidates(next)) {
    const hold = draft.holdOf(resource);
    if (hold) draft.hold(resource, hold);
    else draft.start(resource);
  }
  return withoutOldHolds(draft.done());
}

/** What is decided one by one: each with what was decided for those before it. */
function decisionsOn(state: EngineState) {
  const parallel = state.config.current?.settings.parallel ?? limits.parallel;
  const running = [...runningIn(state)];
  const decided = new Map<string, ResourceState>();
  const so = { state, running, decided };
  const decide = (before: ResourceState, after: ResourceState): void => {
    if (after !== before) decided.set(after.spec.name, after);
  };
  return {
    holdOf: (resource: ResourceState): Hold | null =>
      holdOf(so, resource) ?? (running.length >= parallel ? waitsForSlot : null),
    hold: (resource: ResourceState, hold: Hold): void => decide(resource, withHold(resource, hold)),
    start: (resource: ResourceState): void => {
      const started = desired(state, resource.spec.name, resource);
      running.push(started);
      decide(resource, started);
    },
    done: (): EngineState => replaced(state, [...decided.values()]),
  };
}

const waitsForSlot: Hold = { reason: 'slots', on: [] };

/**
 * Who might be told something new. What is held by nothing but the others that run is in line: where nothing else can have
 * come to hold it, only as many from the head of the line are asked about as there are places.
 */
function candidates(state: EngineState): readonly ResourceState[] {
  if (!isOpen(state)) return waitingIn(state);
  const parallel = state.config.current?.settings.parallel ?? limits.parallel;
  const line = lineIn(state);
  const next = line.slice(0, Math.max(0, parallel - runningIn(state).length));
  const others = othersIn(state);
  if (next.length === 0) return others;
  return others.length === 0 ? next : [...others, ...next].sort(byPriority);
}

/** Only needs, images and containers hold anything. */
const isOpen = (state: EngineState): boolean =>
  state.config.wanted === state.config.loaded &&
  (!state.options.watch || state.files.watching) &&
  !state.git.held &&
  Object.keys(state.removals).length === 0;

const isWaiting = (resource: ResourceState): boolean => !isRunning(resource) && wantsRun(resource);

const isInLine = (resource: ResourceState): boolean =>
  resource.hold?.reason === 'slots' &&
  resource.spec.kind === 'local' &&
  resource.spec.needs.length === 0 &&
  isWaiting(resource);

const withHold = (resource: ResourceState, hold: Hold): ResourceState =>
  resource.hold?.reason === hold.reason && resource.hold.on.join() === hold.on.join()
    ? resource
    : { ...resource, hold };

function desired(state: EngineState, name: string, resource: ResourceState): ResourceState {
  const work = workFor(state, name, resource);
  // Containers whose update fails wait for a new change like any other failure.
  const refilled = work.kind !== 'local' ? work.containers.map(({ id }) => id) : [];
  return { ...resource, desired: work, refilled, asked: null, hold: null, retryAt: null, runs: resource.runs + 1 };
}

/** Runs whose result nobody wants any more are stopped; the next one is planned from what they leave behind. */
function withoutStale(state: EngineState, at: number): EngineState {
  if (state.config.wanted !== state.config.loaded || state.git.held) return state;
  const stale = outdatedIn(state).filter((resource) => isStale(resource, at));
  return replaced(
    state,
    stale.map((resource) => ({ ...resource, desired: null, cancels: resource.cancels + 1 })),
  );
}

/** The result of its run is the second newest already. */
function isOutdated(resource: ResourceState): boolean {
  const { run, desired: wanted } = resource;
  if (!run || wanted?.run !== run.id) return false;
  return resource.asked !== null || (resource.trigger === 'auto' && resource.seen > wanted.change);
}

/** First runs: local, then what belongs to no workload, then what needs no image, then as written. Later: who waits longest. */
const byPriority = (a: ResourceState, b: ResourceState): number => rank(a) - rank(b) || waitsSince(a) - waitsSince(b);

const waitsSince = ({ asked, pendingSince }: ResourceState): number => asked?.at ?? pendingSince ?? 0;

const runningIn = those(isRunning);
const waitingIn = those(isWaiting, byPriority);
const lineIn = those(isInLine, byPriority);
const othersIn = those((resource: ResourceState) => isWaiting(resource) && !isInLine(resource), byPriority);
const outdatedIn = those(isOutdated);
const heldNoMoreIn = those(
  (resource: ResourceState) => resource.hold !== null && (isRunning(resource) || !wantsRun(resource)),
);
const timedIn = those(
  ({ enabled, restartAt, retryAt, runtime }: ResourceState) =>
    enabled && (restartAt !== null || retryAt !== null || isMending(runtime)),
);

const isMending = ({ status, mends }: ResourceState['runtime']): boolean => status === 'failed' && mends === 'waits';

function rank({ asked, spec }: ResourceState): number {
  if (asked?.cause !== 'first') return asked ? 4 : 5;
  if (spec.kind === 'local') return 0;
  if (spec.name === 'uncategorized') return 1;
  return spec.images.length === 0 ? 2 : 3;
}

const withoutOldHolds = (state: EngineState): EngineState =>
  replaced(
    state,
    heldNoMoreIn(state).map((resource) => ({ ...resource, hold: null })),
  );

function nextWake(state: EngineState): number | null {
  const { phase, stop } = state;
  if (phase === 'draining') return stop ? stop.at + limits.drainMs : null;
  if (phase !== 'up') return null;
  const due = timedIn(state).flatMap(({ restartAt, retryAt, runtime }) => [
    restartAt,
    retryAt,
    isMending(runtime) ? runtime.since + limits.podMendMs : null,
  ]);
  return soonest([...due, nextTrialAt(state)]);
}

const soonest = (moments: readonly (number | null)[]): number | null =>
  moments.reduce((first, moment) => (first === null || (moment !== null && moment < first) ? moment : first), null);
