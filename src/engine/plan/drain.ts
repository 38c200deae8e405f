// Ending: applies, syncs and removals are let finish, everything else is asked to stop; then nothing is left and the phase is `stopped`.
import { limits } from '../../model/limits.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { replaced } from '../resources/resource-list.ts';
import { those } from '../resources/those.ts';
import { isUncut } from './stale.ts';

export function drain(state: EngineState, at: number): EngineState {
  const asked = replaced(
    state,
    endingIn(state).map((resource) => ({ ...resource, update: { ...resource.update, desired: null, asked: null } })),
  );
  const isOver = livingIn(asked).length === 0 && (!state.cluster.ok || Object.keys(state.removals).length === 0);
  const isLate = state.stop !== null && at >= state.stop.at + limits.drainMs;
  return isOver || isLate ? { ...asked, phase: 'stopped' } : asked;
}

/** A process of it lives, also while it is being stopped. */
export const isServing = ({ server: { process: server } }: ResourceState): boolean =>
  server !== null && server.status !== 'exited' && server.status !== 'failed';

const endingIn = those(
  ({ update: { desired, run } }: ResourceState) => desired !== null && (run === null || !isUncut(run)),
);
const livingIn = those((resource: ResourceState) => resource.update.run !== null || isServing(resource));
