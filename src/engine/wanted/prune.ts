// When old images may be taken away.
import type { EngineState } from '../../model/state.ts';

/** Nothing builds, and something has been built. */
export const mayPrune = (state: EngineState): boolean =>
  state.isIdle && state.docker.ok && Object.values(state.images).some(({ last }) => last !== null);
