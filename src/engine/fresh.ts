// Is my save live? The barrier over change ids.
import type { EngineState, ResourceState } from '../model/state.ts';
import type { Refill } from './containers.ts';
import { wasStarted } from './want.ts';

/** The newest change that is running: what the last successful run contained, once its result is up and nothing lacks it. */
export function liveChange(resource: ResourceState, refill: Refill | null): number {
  const isUp = resource.runtime.status === 'ready' || resource.runtime.status === 'done';
  const live = isUp ? Math.max(resource.live, resource.contained) : resource.live;
  return refill?.oldest == null ? live : Math.min(live, refill.oldest - 1);
}

/** The oldest change not live, given what is live now; `resource` still has the answer of before. */
export function oldestBehind(resource: ResourceState, live: number, refill: Refill | null): number | null {
  if (live >= resource.seen) return null;
  if (live === resource.live && resource.behind !== null) return resource.behind;
  const waiting = Object.values(resource.pending).map((file) => file.change);
  const oldest = Math.min(...waiting.filter((change) => change > live), refill?.oldest ?? Number.POSITIVE_INFINITY);
  // A changed configuration leaves no file behind.
  return Math.min(oldest, resource.seen);
}

/** Oldest change that belongs to this resource and is not running yet, null when all are; what was never started lacks none. */
export const oldestWaiting = (resource: ResourceState): number | null =>
  resource.enabled && wasStarted(resource) ? resource.behind : null;

/** The highest change that is running everywhere it belongs: every change up to it is live. */
export function liveEverywhere(state: EngineState): number {
  let live = state.config.changed === null ? state.changes.seen : state.config.changed - 1;
  for (const resource of Object.values(state.resources)) {
    const oldest = oldestWaiting(resource);
    if (oldest !== null) live = Math.min(live, oldest - 1);
  }
  return live;
}
