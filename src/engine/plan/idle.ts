// Does anything still move by itself? Scripts and tests wait for this to be false.

import type { EngineState, ResourceState } from '../../model/state.ts';
import { deployOf, serverOf } from '../resources/resource.ts';
import { isRunning } from '../resources/run.ts';
import { those } from '../resources/those.ts';
import { isServing } from './drain.ts';

/** True when nothing runs, nothing is pending that could start, no timer is due. */
export function isIdle(state: EngineState): boolean {
  if ((state.phase !== 'up' && state.phase !== 'starting') || isComing(state)) return false;
  return (
    movingIn(state).length === 0 &&
    !heldIn(state).some(({ update: { hold } }) => hold !== null && mayPass(state, hold.reason))
  );
}

function isComing(state: EngineState): boolean {
  return (
    state.config.wanted !== state.config.loaded ||
    state.files.settling ||
    state.git.held ||
    (state.options.watch && !state.files.watching) ||
    Object.keys(state.removals).length > 0
  );
}

/** Whatever holds others. */
function isMoving(resource: ResourceState): boolean {
  if (isRunning(resource)) return true;
  if (!resource.enabled) return isServing(resource);
  if (deployOf(resource)?.restarting || serverOf(resource)?.restartAt != null || resource.update.retryAt !== null)
    return true;
  return resource.update.hold === null && resource.runtime.status === 'pending' && !resource.runtime.stuck;
}

const movingIn = those(isMoving);
const heldIn = those(
  (resource: ResourceState) => resource.enabled && resource.update.hold !== null && !isMoving(resource),
);

/**
 * Held by `needs` alone is not moving: if what is needed moves, that counts; if it does not, nothing will happen. What is paused
 * waits for whoever paused it, and a cluster that may not be touched for an edit.
 */
const mayPass = (state: EngineState, reason: NonNullable<ResourceState['update']['hold']>['reason']): boolean =>
  reason !== 'needs' &&
  reason !== 'container-paused' &&
  !(reason === 'cluster' && state.cluster.problem?.kind === 'yours');
