// Images of Compose services that are not built here, got while what these services need starts.
import type { ComposeSpec } from '../../model/config.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { isSoon } from '../plan/ahead.ts';
import { isBuilt } from '../plan/hold.ts';
import { those } from '../resources/those.ts';

const none: readonly ComposeSpec[] = [];

/** Of services that only their needs keep from their first start; none once the session ends. */
export const pullsAhead = (state: EngineState): readonly ComposeSpec[] => {
  const waiting = firstHeldIn(state);
  if (waiting.length === 0 || !state.docker.ok || (state.phase !== 'up' && state.phase !== 'starting')) return none;
  return waiting.flatMap(({ spec, update: { hold } }) =>
    spec.kind === 'compose' && !spec.images.some((ref) => isBuilt(state, ref)) && isSoon(state, hold) ? [spec] : [],
  );
};

const firstHeldIn = those(
  ({ enabled, spec, update }: ResourceState) =>
    enabled && spec.kind === 'compose' && update.hold?.reason === 'needs' && !update.hasSucceeded,
);
