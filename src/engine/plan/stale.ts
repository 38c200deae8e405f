// A newer change arrives while a run is under way: cancel the stale run, or let it finish? Policy as data, per resource.
import { limits } from '../../model/limits.ts';
import type { EngineState, ResourceState, RunState } from '../../model/state.ts';
import { replaced } from '../resources/resource-list.ts';
import { calledOff, currentRun } from '../resources/run.ts';
import { those } from '../resources/those.ts';

/** Steps that must not be cut in half: the cluster or a container would be left between two versions. */
const uncut = new Set(['deploy', 'sync', 'run', 'restart']);

/** Is this run at a step that is let finish, also when everything ends? */
export const isUncut = (run: RunState): boolean => uncut.has(run.steps[run.steps.length - 1]?.step.split(' ')[0] ?? '');

/** Median duration in ms of the last successful runs that were whole ones, null when there was none. */
export function medianRun(resource: ResourceState): number | null {
  const times = resource.update.history
    .filter((run) => run.outcome === 'ok' && run.endedAt !== null && run.half === undefined)
    .map((run) => (run.endedAt ?? 0) - run.startedAt)
    .sort((a, b) => a - b);
  return times.length > 0 ? (times[times.length >> 1] ?? null) : null;
}

/**
 * `smart` cancels only before the apply or sync step, at most limits.cancelsInRow times in a row, and only while less than half of
 * the median duration has passed: cancelling on every save starves under autosave or an agent that writes each second. A run that
 * is late is no such one, as nobody knows when it ends, if ever.
 */
export function isStale(resource: ResourceState, at: number): boolean {
  const { spec } = resource;
  const run = currentRun(resource);
  if (!run || spec.onChange === 'finish') return false;
  if (isUncut(run)) return false;
  if (spec.onChange === 'cancel') return true;
  const median = medianRun(resource);
  if (at >= lateAt(resource, run, median)) return true;
  if (resource.update.cancels >= limits.cancelsInRow) return false;
  return median === null || at - run.startedAt < median / 2;
}

/** Twice its usual time, and twice that after each cancel in a row: however long a build takes under constant saves, one ends. */
const lateAt = ({ update: { cancels } }: ResourceState, run: RunState, median: number | null): number =>
  run.startedAt + (median ?? limits.unknownRunMs) * 2 ** (cancels + 1);

/** When the outdated runs that are let finish so far will be late, ms epoch. */
export const staleLaterAt = (state: EngineState, at: number): readonly number[] =>
  outdatedIn(state).flatMap((resource) => {
    const run = currentRun(resource);
    const late = run && resource.spec.onChange === 'smart' ? lateAt(resource, run, medianRun(resource)) : at;
    return late > at ? [late] : [];
  });

/** Runs whose result nobody wants any more are stopped; the next one is planned from what they leave behind. */
export function withoutStale(state: EngineState, at: number): EngineState {
  if (state.config.wanted !== state.config.loaded || state.git.held) return state;
  const stale = outdatedIn(state).filter((resource) => isStale(resource, at));
  return replaced(
    state,
    stale.map((resource) => ({
      ...resource,
      update: { ...resource.update, now: calledOff(resource.update.now), cancels: resource.update.cancels + 1 },
    })),
  );
}

/** What its run brings is the second newest already. */
const outdatedIn = those(
  ({ update: { now, asked }, trigger, changes: { seen } }: ResourceState) =>
    now.is === 'running' && (asked !== null || (trigger === 'auto' && seen > now.work.change)),
);
