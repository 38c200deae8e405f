// What each resource has deployed: the same list as long as nothing else is.
import type { ResourceState } from '../../model/state.ts';
import { answersOf } from './those.ts';

export const deployedIn = answersOf(({ deploy: { result: deployed } }: ResourceState) => deployed);
