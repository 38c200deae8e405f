// How long first runs took, for the order of the next session.
import type { EngineState, ResourceState, RunState } from '../../model/state.ts';
import type { Took } from '../resources/chain.ts';
import { those } from '../resources/those.ts';

/** By resource, in ms: from the start of its first run that had something to do until it was ready. */
export const tookIn = (state: EngineState): Took =>
  Object.fromEntries(timedIn(state).map((resource) => [resource.spec.name, msOf(resource)]));

/** Runs that change nothing say nothing of what it takes where something has changed. */
const isFirst = ({ cause, outcome, half, strategy }: RunState): boolean =>
  cause === 'first' && outcome === 'ok' && half !== 'build' && strategy !== 'unchanged';

const timedIn = those((resource: ResourceState) => resource.update.history.some(isFirst));

function msOf({ update: { history, last }, runtime }: ResourceState): number {
  const at = history.findIndex(isFirst);
  const run = history[at] as RunState;
  const ahead = history[at - 1];
  const isUp = runtime.status === 'ready' || runtime.status === 'done';
  const readyAt = last?.id === run.id && isUp ? runtime.since : 0;
  return Math.round(msOfRun(run, Math.max(run.endedAt ?? 0, readyAt)) + (ahead?.half === 'build' ? msOfRun(ahead) : 0));
}

const msOfRun = ({ startedAt, endedAt }: RunState, until = endedAt ?? startedAt): number =>
  Math.max(0, until - startedAt);
