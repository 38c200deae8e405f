// Does a resource want a run?
import type { ResourceState } from '../../model/state.ts';
import { currentRun, isRunning } from './run.ts';

/** Asked for, or a change newer than what the last run was given. */
export const wantsRun = (resource: ResourceState): boolean =>
  resource.enabled &&
  (resource.update.asked !== null ||
    (resource.trigger === 'auto' &&
      resource.changes.seen > Math.max(resource.changes.contained, resource.changes.given) &&
      wasStarted(resource)));

/** Called off by hand: what the last run, or the one that waited, should have brought is still missing. */
export function isCancelled(resource: ResourceState): boolean {
  const {
    update: { last },
    changes: { contained, given, seen },
  } = resource;
  if (!resource.enabled || isRunning(resource) || wantsRun(resource)) return false;
  if (last === null) return resource.spec.start;
  // Its images were built, and nothing came of them.
  if (last.half === 'build' && last.outcome === 'ok') return true;
  return last.outcome === 'cancelled' || (last.outcome === 'ok' && Math.min(given, seen) > contained);
}

/** Files alone start nothing in a resource that starts only when asked and never was. */
export const wasStarted = (resource: ResourceState): boolean =>
  resource.spec.start ||
  resource.update.last !== null ||
  currentRun(resource) !== null ||
  resource.update.asked !== null;

/** All that is known of its files is in images that were built while it waited. */
export const isBuiltAhead = ({ spec, changes, update: { ahead } }: ResourceState): boolean =>
  ahead !== null && ahead.digest === spec.digest && ahead.change >= changes.seen;

/** ms epoch: since when it wants what it wants, be that asked for or saved; 0 where nothing says so. */
export const waitsSince = ({ update: { asked }, changes: { pendingSince } }: ResourceState): number =>
  Math.min(asked?.at ?? Number.POSITIVE_INFINITY, pendingSince ?? asked?.at ?? 0);
