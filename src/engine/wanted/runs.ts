// Runs that should be under way.
import type { Work } from '../../model/run.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { currentWork } from '../resources/run.ts';
import { those } from '../resources/those.ts';

/** By resource. What has ended is wanted no more, also after this feed was restarted. */
export const desiredIn = (state: EngineState): Readonly<Record<string, Work>> =>
  Object.fromEntries(
    wantedIn(state).flatMap((resource) => {
      const work = currentWork(resource);
      return work ? [[resource.spec.name, work]] : [];
    }),
  );

const wantedIn = those((resource: ResourceState) => currentWork(resource) !== null);
