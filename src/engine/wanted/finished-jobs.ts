// Jobs that ran to their end and are not noted to have.

import type { Deployed } from '../../model/run.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { deployOf } from '../resources/resource.ts';
import { those } from '../resources/those.ts';

/** By resource, what was deployed. */
export const finishedIn = (state: EngineState): ReadonlyMap<string, Deployed> =>
  new Map(
    newlyDoneIn(state).flatMap((resource) => {
      const deployed = deployOf(resource)?.result;
      return deployed ? [[resource.spec.name, deployed]] : [];
    }),
  );

const newlyDoneIn = those(
  (resource: ResourceState) =>
    resource.kind === 'kubernetes' &&
    resource.spec.ready === 'job' &&
    resource.runtime.status === 'done' &&
    Object.values(resource.deploy.result?.jobs ?? {}).some(({ isDone }) => !isDone),
);
