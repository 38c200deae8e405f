// Does a resource want a run?
import type { ResourceState } from '../../model/state.ts';

/** Asked for, or a change newer than what the last run was given. */
export const wantsRun = (resource: ResourceState): boolean =>
  resource.enabled &&
  (resource.asked !== null ||
    (resource.trigger === 'auto' &&
      resource.seen > Math.max(resource.contained, resource.given) &&
      wasStarted(resource)));

/** Called off by hand: what the last run, or the one that waited, should have brought is still missing. */
export function isCancelled(resource: ResourceState): boolean {
  const { last, run, desired, contained, given, seen } = resource;
  if (!resource.enabled || run !== null || desired !== null || wantsRun(resource)) return false;
  if (last === null) return resource.spec.start;
  return last.outcome === 'cancelled' || (last.outcome === 'ok' && Math.min(given, seen) > contained);
}

/** Files alone start nothing in a resource that starts only when asked and never was. */
export const wasStarted = (resource: ResourceState): boolean =>
  resource.spec.start || resource.last !== null || resource.run !== null || resource.asked !== null;
