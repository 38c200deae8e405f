// Workloads whose pods should be made anew.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { those } from '../resources/those.ts';

/** By resource. */
export const restartingIn = (state: EngineState): Readonly<Record<string, true>> =>
  Object.fromEntries(restartingResources(state).map(({ spec }) => [spec.name, true] as const));

const restartingResources = those(({ deploy: { restarting } }: ResourceState) => restarting);
