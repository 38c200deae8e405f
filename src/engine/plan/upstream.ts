// What is still to come of what a resource needs, near and far. Who runs before it would run once more: no glitch in a diamond.
import { sharesWith } from '../../model/compose/sharing.ts';
import type { Need } from '../../model/config.ts';
import type { ResourceState } from '../../model/state.ts';
import { deployOf } from '../resources/resource.ts';
import { currentWork, isRunning } from '../resources/run.ts';
import { waitsSince, wantsRun } from '../resources/want.ts';

type Of = (name: string) => ResourceState | undefined;

/**
 * Is a run of `other`, or of what makes it run again, under way or wanted that was so at `since` (ms epoch) already? What came to
 * be wanted later is of a newer change: whoever waited for that as well would wait as long as somebody saves.
 */
export function isToCome(of: Of, other: ResourceState, since: number, follow: readonly Need['update'][]): boolean {
  const seen = new Set<ResourceState>();
  const open = [other];
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next) || !next.enabled) continue;
    seen.add(next);
    if (isRunning(next) && runsSince(next) <= since) return true;
    if (wantsRun(next) && waitsSince(next) <= since) return true;
    for (const need of next.spec.needs) {
      const above = of(need.name);
      if (above && (follow.includes(need.update) || sharesWith(next.spec, above.spec))) open.push(above);
    }
  }
  return false;
}

const runsSince = (resource: ResourceState): number => {
  const { now } = resource.update;
  return (now.is === 'stopping' ? now.run.since : currentWork(resource)?.since) ?? 0;
};

/** It was brought in, and is on its way to be ready. */
export const isSettling = (resource: ResourceState): boolean =>
  resource.enabled &&
  ((deployOf(resource)?.restarting ?? false) ||
    resource.update.wantsRestart ||
    (resource.runtime.status === 'pending' && !resource.runtime.stuck));
