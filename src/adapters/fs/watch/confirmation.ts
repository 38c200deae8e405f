// From "something happened here" to "this content is different", by comparing with the index and bringing it up to date.
import { existsSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../../model/limits.ts';
import type { ConfirmedChange } from '../../../model/ports.ts';
import { osPath } from '../../../model/text/raw-name.ts';
import { contentHash, entryOf, isCarried, isRacy, isUntouched } from '../content.ts';
import { breathing, lookAt, statOf, Unread } from '../scan.ts';
import type { FileIndex } from './file-index.ts';
import type { WatchedSet } from './watched-set.ts';

export async function confirm(index: FileIndex, set: WatchedSet, paths: readonly string[]): Promise<ConfirmedChange[]> {
  if (paths.some(isJustEmptied)) await pause(limits.emptyFileSettleMs);
  const breather = breathing();
  const changes: ConfirmedChange[] = [];
  for (const path of new Set(paths)) {
    const change = set.has(path) ? compare(index, path) : null;
    const targets = change ? set.targetsOf(path, change.isDir === true) : [];
    if (change && targets.length > 0) changes.push({ path, ...change, targets });
    await breather();
  }
  return changes;
}

type Difference = Omit<ConfirmedChange, 'path' | 'targets'>;

function compare(index: FileIndex, path: string): Difference | null {
  const stat = lookAt(path);
  if (stat instanceof Unread) return null;
  if (stat === 'gone') return compareFile(index, path, undefined);
  return stat.isDirectory() ? compareDir(index, path, stat) : compareFile(index, path, stat);
}

/** Its own entry alone: what is in it is told by itself. */
function compareDir(index: FileIndex, path: string, stat: Stats): Difference | null {
  const dir = index.dir(path);
  const was = dir.mode;
  dir.mode = stat.mode;
  if (index.get(path)) {
    index.delete(path);
    return { kind: 'removed', retyped: true };
  }
  if (was === null) return { kind: 'added', isDir: true };
  return was === stat.mode ? null : { kind: 'changed', isDir: true, remoded: true };
}

function compareFile(index: FileIndex, path: string, stat: Stats | undefined): Difference | null {
  const entry = index.get(path);
  const dir = index.dirs.get(path);
  const wasDir = (dir?.mode ?? null) !== null;
  if (dir) dir.mode = null;
  const hash = stat && isCarried(stat) ? hashUnlessUntouched(entry, path, stat) : null;
  if (!stat || hash === null) {
    if (!entry && !wasDir) return null;
    index.delete(path);
    index.prune(wasDir ? path : dirname(path), (dir) => existsSync(osPath(dir)));
    return wasDir ? { kind: 'removed', isDir: true } : { kind: 'removed' };
  }
  index.set(path, entryOf(stat, hash));
  if (!entry) return wasDir ? { kind: 'added', retyped: true } : { kind: 'added' };
  const isOther = (entry.mode & typeBits) !== (stat.mode & typeBits);
  if (isOther) return { kind: 'changed', retyped: true };
  if (entry.mode !== stat.mode) return { kind: 'changed', remoded: true };
  return entry.hash === hash ? null : { kind: 'changed' };
}

/** S_IFMT: file, link or directory. */
const typeBits = 0o170000;

type Known = ReturnType<FileIndex['get']>;

/** An untouched file keeps the hash it has, also none: it was not hashed yet and is what it was. */
function hashUnlessUntouched(entry: Known, path: string, stat: NonNullable<ReturnType<typeof statOf>>): string | null {
  const isSafe = entry && isUntouched(entry, stat) && (!isRacy(entry) || entry.hash === null);
  if (!isSafe) return contentHash(path, stat);
  entry.hash ??= contentHash(path, stat);
  return entry.hash;
}

/** Truncated a moment ago: its new content is on the way. */
function isJustEmptied(path: string): boolean {
  const stat = statOf(path);
  return stat?.size === 0 && stat.isFile() && Date.now() - stat.mtimeMs < limits.emptyFileSettleMs;
}
