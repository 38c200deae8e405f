// What each resource has deployed: the same list as long as nothing else is.

import type { ResourceState } from '../../model/state.ts';
import { deployOf } from './resource.ts';
import { answersOf } from './those.ts';

export const deployedIn = answersOf((resource: ResourceState) => deployOf(resource)?.result ?? null);
