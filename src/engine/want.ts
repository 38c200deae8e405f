// Does a resource want a run?
import type { ResourceState } from '../model/state.ts';

/** Asked for, or a change newer than what the last run was given. */
export const wantsRun = (resource: ResourceState): boolean =>
  resource.enabled &&
  (resource.asked !== null ||
    (resource.trigger === 'auto' &&
      resource.seen > Math.max(resource.contained, resource.given) &&
      wasStarted(resource)));

/** Files alone start nothing in a resource that starts only when asked and never was. */
export const wasStarted = (resource: ResourceState): boolean =>
  resource.spec.start || resource.last !== null || resource.run !== null || resource.asked !== null;
