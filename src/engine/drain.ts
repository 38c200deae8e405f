// Ending: applies, syncs and removals are let finish, everything else is asked to stop; then nothing is left and the phase is `stopped`.
import { limits } from '../model/limits.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { isUncut } from './stale.ts';

export function drain(state: EngineState, at: number): EngineState {
  let resources: Record<string, ResourceState> | null = null;
  for (const [name, resource] of Object.entries(state.resources)) {
    if (resource.desired === null || (resource.run !== null && isUncut(resource.run))) continue;
    resources ??= { ...state.resources };
    resources[name] = { ...resource, desired: null, asked: null };
  }
  const asked = resources ? { ...state, resources } : state;
  const isOver =
    Object.values(asked.resources).every((resource) => resource.run === null && !isServing(resource)) &&
    (!state.cluster.ok || Object.keys(state.removals).length === 0);
  const isLate = state.stop !== null && at >= state.stop.at + limits.drainMs;
  return isOver || isLate ? { ...asked, phase: 'stopped' } : asked;
}

/** A process of it lives, also while it is being stopped. */
export const isServing = ({ server }: ResourceState): boolean =>
  server !== null && server.status !== 'exited' && server.status !== 'failed';
