// Workloads whose pods should be made anew.

import type { EngineState, ResourceState } from '../../model/state.ts';
import { deployOf } from '../resources/resource.ts';
import { those } from '../resources/those.ts';

/** By resource. */
export const restartingIn = (state: EngineState): Readonly<Record<string, true>> =>
  Object.fromEntries(restartingResources(state).map(({ spec }) => [spec.name, true] as const));

const restartingResources = those((resource: ResourceState) => deployOf(resource)?.restarting ?? false);
