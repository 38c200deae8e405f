// Images of Compose services that are not built here, got while what these services need starts.
import type { ComposeSpec } from '../../model/config.ts';
import { lookup } from '../../model/lookup.ts';
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
    spec.kind === 'compose' &&
    !spec.images.some((ref) => isBuilt(state, ref)) &&
    isSoon(state, hold) &&
    needsServicesAlone(state, spec)
      ? [spec]
      : [],
  );
};

/** What else it needs, near or far, may be what makes its image. */
function needsServicesAlone({ resources }: EngineState, spec: ComposeSpec): boolean {
  const open: ComposeSpec[] = [spec];
  const seen = new Set<string>();
  for (let next = open.pop(); next; next = open.pop())
    for (const { name } of next.needs) {
      const other = lookup(resources, name)?.spec;
      if (other === undefined || seen.has(name)) continue;
      if (other.kind !== 'compose') return false;
      seen.add(name);
      open.push(other);
    }
  return true;
}

const firstHeldIn = those(
  ({ enabled, spec, update }: ResourceState) =>
    enabled && spec.kind === 'compose' && update.hold?.reason === 'needs' && !update.hasSucceeded,
);
