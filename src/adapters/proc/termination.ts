// Bringing a family of processes to its end: politely, then for good.
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../model/limits.ts';
import type { Family } from './family.ts';

/** SIGTERM, then SIGKILL after `graceMs`; resolves with how many could not be killed (uninterruptible sleep), usually 0. */
export async function end(family: Family, graceMs: number): Promise<number> {
  // Whoever has ended before the first look leaves nobody behind who could join.
  if (!family.signal('SIGTERM')) return 0;
  if (await isGone(family, graceMs)) return 0;
  const deadline = performance.now() + limits.killWaitMs;
  while (performance.now() < deadline) {
    // Again each round: a member may have forked between the look and the signal.
    family.signal('SIGKILL');
    if (await isGone(family, 200)) return 0;
  }
  return family.members().length;
}

/** SIGKILL now; what the last look did not see was forked during it, hence the second and third. */
export function kill(family: Family): void {
  for (let look = 0; look < 3 && family.signal('SIGKILL'); look++);
}

/** There is no event for the end of a process that is not our child, so the table is looked at, ever less often. */
async function isGone(family: Family, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (let wait = 5; ; wait = Math.min(wait * 2, 200)) {
    if (family.members().length === 0) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await pause(Math.min(wait, left));
  }
}
