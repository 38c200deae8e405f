// When what the configuration lost may be taken down, and what of it is wanted all the same.
import type { ObjectRef } from '../../model/config.ts';
import { objectRef } from '../../model/manifests.ts';
import type { EngineState } from '../../model/state.ts';

/** What goes in this session is taken down by `removals`; nothing is judged by a half-loaded configuration. */
export const mayTakeDown = (state: EngineState): boolean =>
  state.cluster.ok && state.phase === 'up' && state.config.current !== null && Object.keys(state.removals).length === 0;

/** Of all resources, as their manifests name it. */
export const wantedObjects = (state: EngineState): readonly ObjectRef[] =>
  Object.values(state.config.current?.resources ?? {}).flatMap((spec) =>
    spec.kind === 'kubernetes' ? spec.objects.map(({ object }) => objectRef(object)) : [],
  );
