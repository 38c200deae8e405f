// Is my save live? The barrier over change ids.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { those } from '../resources/those.ts';
import { wasStarted } from '../resources/want.ts';
import type { Refill } from '../runtime/containers.ts';

/** The newest change that is running: what the last successful run contained, once its result is up and nothing lacks it. */
export function liveChange(resource: ResourceState, refill: Refill | null): number {
  const isUp = resource.runtime.status === 'ready' || resource.runtime.status === 'done';
  const live = isUp ? Math.max(resource.changes.live, resource.changes.contained) : resource.changes.live;
  return refill?.oldest == null ? live : Math.min(live, refill.oldest - 1);
}

/** Changes not live, given what is live now; `resource` still has the answer of before. */
export function changesBehind(
  { changes: { behind } }: ResourceState,
  live: number,
  refill: Refill | null,
): ResourceState['changes']['behind'] {
  const left = (behind[0] ?? Number.POSITIVE_INFINITY) > live ? behind : behind.filter((change) => change > live);
  const lacking = refill?.oldest ?? null;
  return lacking !== null && lacking < (left[0] ?? Number.POSITIVE_INFINITY) ? [lacking, ...left] : left;
}

/** Oldest change that belongs to this resource and is not running yet, null when all are; what was never started lacks none. */
export const oldestWaiting = (resource: ResourceState): number | null =>
  resource.enabled && wasStarted(resource) ? (resource.changes.behind[0] ?? null) : null;

/** The highest change that is running everywhere it belongs: every change up to it is live. */
export function liveEverywhere(state: EngineState): number {
  const { changed } = state.config;
  const live = changed === null ? state.changes.seen : changed - 1;
  const [first] = behindIn(state);
  const oldest = first ? oldestWaiting(first) : null;
  return oldest === null ? live : Math.min(live, oldest - 1);
}

const behindIn = those(
  (resource: ResourceState) => oldestWaiting(resource) !== null,
  (a, b) => (oldestWaiting(a) ?? 0) - (oldestWaiting(b) ?? 0),
);
