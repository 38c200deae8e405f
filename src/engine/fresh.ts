// Is my save live? The barrier over change ids.
import type { EngineState, ResourceState } from '../model/state.ts';

/** Oldest change that belongs to this resource and is not running yet, null when all are. */
export function oldestWaiting(resource: ResourceState): number | null {
  if (!resource.enabled || resource.live >= resource.seen) return null;
  const waiting = Object.values(resource.pending).map((file) => file.change);
  // What a finished run contained but is not up yet counts from its first change on; that one is no longer named.
  return waiting.length > 0
    ? Math.min(...waiting, ...(resource.contained > resource.live ? [resource.live + 1] : []))
    : resource.live + 1;
}

/** The highest change that is running everywhere it belongs: every change up to it is live. */
export function liveEverywhere(state: EngineState): number {
  let live = state.changes.seen;
  if (state.config.wanted !== state.config.loaded) live = Math.max(0, live - 1);
  for (const resource of Object.values(state.resources)) {
    const oldest = oldestWaiting(resource);
    if (oldest !== null) live = Math.min(live, oldest - 1);
  }
  return live;
}

/** Saves of this resource that are not running yet. */
export const savesBehind = (resource: ResourceState): number =>
  new Set(Object.values(resource.pending).map((file) => file.change)).size;
