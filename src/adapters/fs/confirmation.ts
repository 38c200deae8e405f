// From "something happened here" to "this content is different", by comparing with the index and bringing it up to date.
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../model/limits.ts';
import type { ConfirmedChange } from '../../model/ports.ts';
import { contentHash, entryOf, isCarried, isRacy, isUntouched } from './content.ts';
import type { FileIndex } from './file-index.ts';
import { breathing, statOf } from './scan.ts';
import type { WatchedSet } from './watched-set.ts';

export async function confirm(index: FileIndex, set: WatchedSet, paths: readonly string[]): Promise<ConfirmedChange[]> {
  if (paths.some(isJustEmptied)) await pause(limits.emptyFileSettleMs);
  // Emacs locks a file by a link to nowhere: alone it means nothing, in a large batch it may be part of a checkout.
  // One that stands for a file, or is named itself, means what it will lead to.
  const isNew = (path: string) => !index.get(path) && !set.isLinkToRoot(path);
  const isNoise = paths.length <= 3 && paths.every((path) => isBrokenLink(path) && isNew(path));
  const breather = breathing();
  const changes: ConfirmedChange[] = [];
  for (const path of new Set(paths)) {
    const kind = set.has(path) ? compare(index, path) : null;
    if (kind && !isNoise) changes.push({ path, kind, targets: set.targetsOf(path) });
    await breather();
  }
  return changes;
}

function compare(index: FileIndex, path: string): ConfirmedChange['kind'] | null {
  const entry = index.get(path);
  const stat = statOf(path);
  const hash = stat && isCarried(stat) ? hashUnlessUntouched(entry, path, stat) : null;
  if (!stat || hash === null) {
    if (!entry) return null;
    index.delete(path);
    index.prune(dirname(path), existsSync);
    return 'removed';
  }
  index.set(path, entryOf(stat, hash));
  if (!entry) return 'added';
  return entry.hash === hash && entry.mode === stat.mode ? null : 'changed';
}

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

const isBrokenLink = (path: string): boolean =>
  (statOf(path)?.isSymbolicLink() ?? false) && statSync(path, { throwIfNoEntry: false }) === undefined;
