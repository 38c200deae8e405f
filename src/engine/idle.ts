// Does anything still move by itself? Scripts and tests wait for this to be false.
import type { EngineState, ResourceState } from '../model/state.ts';
import { isRunning } from './resource.ts';

/** True when nothing runs, nothing is pending that could start, no timer is due. */
export function isIdle(state: EngineState): boolean {
  if (state.phase !== 'up' || isComing(state)) return false;
  return !state.order.some((name) => isMoving(state.resources[name] as ResourceState));
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

/** Held by `needs` alone is not moving: if what is needed moves, that counts; if it does not, nothing will happen. */
function isMoving(resource: ResourceState): boolean {
  if (!resource.enabled) return false;
  if (isRunning(resource) || resource.restarting || resource.restartAt !== null) return true;
  if (resource.hold !== null) return resource.hold.reason !== 'needs';
  return resource.runtime.status === 'pending' && !resource.runtime.stuck;
}
