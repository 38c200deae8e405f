// Images of Compose services that are not built here, got while what these services need starts.
import { isBuilt } from '../../model/builds/who-builds.ts';
import { allNeeds } from '../../model/config/all-needs.ts';
import type { ComposeSpec } from '../../model/config.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { isSoon } from '../plan/ahead.ts';
import { those } from '../resources/those.ts';

const none: readonly ComposeSpec[] = [];

/** Of services that only their needs keep from their first start; none once the session ends. */
export const pullsAhead = (state: EngineState): readonly ComposeSpec[] => {
  const waiting = firstHeldIn(state);
  if (waiting.length === 0 || !state.docker.ok || (state.phase !== 'up' && state.phase !== 'starting')) return none;
  return waiting.flatMap(({ spec, update: { hold } }) =>
    spec.kind === 'compose' &&
    !spec.images.some((ref) => isBuilt(state.config.current?.images, ref)) &&
    isSoon(state, hold) &&
    needsServicesAlone(state, spec)
      ? [spec]
      : [],
  );
};

/** What else it needs, near or far, may be what makes its image. */
function needsServicesAlone({ resources }: EngineState, { name }: ComposeSpec): boolean {
  const needs = (of: string) => lookup(resources, of)?.spec.needs.map((need) => need.name) ?? [];
  return [...allNeeds(name, needs)].every((each) => (lookup(resources, each)?.spec.kind ?? 'compose') === 'compose');
}

const firstHeldIn = those(
  ({ enabled, spec, update }: ResourceState) =>
    enabled && spec.kind === 'compose' && update.hold?.reason === 'needs' && !update.hasSucceeded,
);
