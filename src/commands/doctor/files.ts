// Watching: how many directories, the kernel's limits and what of them is in use, mounts without events, git's state.
import { existsSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mounts, silence } from '../../adapters/fs/mounts.ts';
import { beginnings, watchedSet } from '../../adapters/fs/watch/watched-set.ts';
import { seed } from '../../engine/reduce.ts';
import { watchPlan } from '../../engine/wanted/watch-plan.ts';
import type { Config } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { Check } from './check.ts';

export async function fileChecks(config: Config): Promise<readonly Check[]> {
  const set = watchedSet(planOf(config));
  const starts = beginnings(set);
  const directories = await countDirectories(starts, set.mayDescend);
  const quiet = silence(mounts());
  const silent = [...new Set(starts.flatMap((dir) => quiet(dir) ?? []))];
  return [
    watchCheck(directories),
    ...instanceCheck(),
    ...(silent.length > 0 ? [silentCheck(silent)] : []),
    ...diskCheck(config.dir),
    ...gitCheck(config.dir),
  ];
}

const planOf = (config: Config) =>
  watchPlan({
    ...seed,
    options: { ...seed.options, dir: config.dir },
    config: { ...seed.config, current: config, reads: config.reads },
  });

async function countDirectories(starts: readonly string[], descends: (dir: string) => boolean): Promise<number> {
  let count = 0;
  for (const open = [...starts]; open.length > 0 && count < limits.doctorDirectories; count++) {
    const dir = open.pop() as string;
    const children = await readdir(dir, { withFileTypes: true }).catch(() => []);
    for (const child of children)
      if (child.isDirectory() && descends(join(dir, child.name))) open.push(join(dir, child.name));
  }
  return count;
}

/** Null where the system has no such limit (macOS). */
function inotify(name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/max_${name}`, 'utf8'));
  } catch {
    return null;
  }
}

export function watchCheck(directories: number, limit = inotify('user_watches'), used = usage().watches): Check {
  const name = 'watches';
  if (limit === null) return { name, status: 'ok', what: `${directories} directories are watched` };
  const what = `${directories} directories are watched; ${used} of ${limit} watches are in use`;
  if (used + directories <= limit) return { name, status: 'ok', what };
  const line = 'fs.inotify.max_user_watches=1048576';
  return { name, status: 'warn', what: `${what}: the rest would be polled`, hint: `sudo sysctl ${line}` };
}

function instanceCheck(): readonly Check[] {
  const limit = inotify('user_instances');
  const { instances } = usage();
  if (limit === null || instances + 2 <= limit) return [];
  const what = `${instances} of ${limit} inotify instances are in use`;
  return [{ name: 'watches', status: 'warn', what, hint: 'sudo sysctl fs.inotify.max_user_instances=1024' }];
}

/** Of this user's processes, as far as /proc shows them. */
function usage(): { readonly watches: number; readonly instances: number } {
  let [watches, instances] = [0, 0];
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name)))
    for (const fd of entries(`/proc/${pid}/fd`)) {
      const info = inotifyInfo(pid, fd);
      if (info === null) continue;
      instances++;
      watches += info.split('\n').filter((line) => line.startsWith('inotify ')).length;
    }
  return { watches, instances };
}

function inotifyInfo(pid: string, fd: string): string | null {
  try {
    if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== 'anon_inode:inotify') return null;
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
  } catch {
    return null;
  }
}

function entries(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

const silentCheck = (types: readonly string[]): Check => ({
  name: 'mounts',
  status: 'warn',
  what: `watched files lie on a file system without change events (${types.join(', ')}): they are polled`,
  hint: 'changes are seen within a second or two; a project on a local disk is seen at once',
});

function diskCheck(dir: string): readonly Check[] {
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  if (free >= limits.doctorFreeBytes) return [];
  return [
    { name: 'disk', status: 'warn', what: `${Math.round(free / 2 ** 20)} MiB are free at ${dir}`, hint: 'make room' },
  ];
}

/** A lock that a crashed git left behind holds changes back. */
function gitCheck(dir: string): readonly Check[] {
  const lock = join(dir, '.git', 'index.lock');
  if (!existsSync(lock)) return [];
  const what = `${lock} exists: git is at work, or crashed, and changes are held back`;
  return [{ name: 'git', status: 'warn', what, hint: 'if no git is running, remove it' }];
}
