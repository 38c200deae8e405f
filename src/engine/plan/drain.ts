// Ending: applies, syncs and removals are let finish, everything else is asked to stop; then nothing is left and the phase is `stopped`.

import { limits } from '../../model/limits.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { serverOf } from '../resources/resource.ts';
import { replaced } from '../resources/resource-list.ts';
import { calledOff, currentRun } from '../resources/run.ts';
import { those } from '../resources/those.ts';
import { isUncut } from './stale.ts';

export function drain(state: EngineState, at: number): EngineState {
  const asked = replaced(
    state,
    endingIn(state).map((resource) => ({
      ...resource,
      update: { ...resource.update, now: calledOff(resource.update.now), asked: null },
    })),
  );
  const isOver = livingIn(asked).length === 0 && (!state.cluster.ok || Object.keys(state.removals).length === 0);
  const isLate = state.stop !== null && at >= state.stop.at + limits.drainMs;
  return isOver || isLate ? { ...asked, phase: 'stopped' } : asked;
}

/** A process of it lives, also while it is being stopped. */
export function isServing(resource: ResourceState): boolean {
  const process = serverOf(resource)?.process ?? null;
  return process !== null && process.status !== 'exited' && process.status !== 'failed';
}

/** What runs, or has run and is asked for again. */
const endingIn = those(({ update: { now, asked, last } }: ResourceState) => {
  if (now.is === 'running') return !isUncut(now.run);
  return now.is === 'wanted' || (now.is === 'idle' && asked !== null && last !== null);
});
const livingIn = those((resource: ResourceState) => currentRun(resource) !== null || isServing(resource));
