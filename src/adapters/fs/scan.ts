// Looking at directories and comparing them with the index. Synchronous calls: ten times cheaper than promises, and the
// worker this runs in has nothing else to do; it breathes every few ms so that events are taken from the kernel.
import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { osPath } from '../../model/text/raw-name.ts';
import { type Entry, isCarried, isRacy, isUntouched } from './content.ts';
import { type Child, childrenIn } from './names.ts';
import type { FileIndex } from './watch/file-index.ts';

export interface Scanned {
  /** Belongs to a target, by path. */
  has(path: string): boolean;
  descends(dir: string): boolean;
  /** A file that the index does not know, or knows differently. */
  differs(path: string, stat: Stats): void;
  /** A directory that belongs to a target, as it is now. */
  isDir(path: string, stat: Stats): void;
  /** A file or directory of the index that is gone. */
  missing(path: string): void;
  /** A directory that is there and was looked into; or that is not to be read, for the reason in `error`. */
  looked(dir: string, error: NodeJS.ErrnoException | null): void;
}

/** Looks at one directory; gives the directories in it. */
export function scanDir(index: FileIndex, dir: string, on: Scanned): string[] {
  const found = lookInto(dir);
  // What cannot be looked into holds what it held: its files are not gone for that.
  if (found instanceof Unread) {
    on.looked(dir, found.error);
    return [];
  }
  const known = index.dirs.get(dir);
  if (found === 'gone') {
    for (const path of index.below(dir)) on.missing(path);
    return [];
  }
  const { stat, children } = found;
  let unread: Unread | null = null;
  index.dir(dir).ino = stat.ino;
  if (on.has(dir)) on.isDir(dir, stat);
  const dirs: string[] = [];
  const present = new Set<string>();
  for (const child of children) {
    present.add(child.name);
    const path = join(dir, child.name);
    if (child.isDirectory()) {
      if (known?.files.has(child.name)) on.missing(path);
      if (on.descends(path)) dirs.push(path);
    } else if (on.has(path)) unread = compare(known?.files.get(child.name), path, on) ?? unread;
  }
  on.looked(dir, unread?.error ?? null);
  for (const name of known?.files.keys() ?? []) if (!present.has(name)) on.missing(join(dir, name));
  for (const name of known?.dirs ?? []) {
    if (present.has(name)) continue;
    for (const path of index.below(join(dir, name))) on.missing(path);
    index.forget(join(dir, name));
  }
  return dirs;
}

function compare(entry: Entry | undefined, path: string, on: Scanned): Unread | null {
  const stat = lookAt(path);
  if (stat instanceof Unread) return stat;
  if (stat === 'gone' || !isCarried(stat)) return null;
  if (!entry || !isUntouched(entry, stat) || isRacy(entry)) on.differs(path, stat);
  return null;
}

/** Looks at a directory and all below it; calls `enters` for each that is gone through. */
export async function scanTree(index: FileIndex, root: string, on: Scanned, enters?: (dir: string) => void) {
  const breather = breathing();
  for (const pending = [root]; pending.length > 0; ) {
    const dir = pending.pop()!;
    enters?.(dir);
    pending.push(...scanDir(index, dir, on));
    await breather();
  }
}

/** Lets events in after every few ms of work. */
export function breathing(ms = 10): () => Promise<unknown> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < ms) return undefined;
    return breathe().then(() => {
      since = performance.now();
    });
  };
}

export const statOf = (path: string): Stats | undefined => {
  const found = lookAt(path);
  return found === 'gone' || found instanceof Unread ? undefined : found;
};

/** It may be there, but nobody tells, as a directory above it is not searchable for us or its disk fails. */
export class Unread {
  readonly error: NodeJS.ErrnoException;

  constructor(error: NodeJS.ErrnoException) {
    this.error = error;
  }
}

export function lookAt(path: string): Stats | 'gone' | Unread {
  try {
    return lstatSync(osPath(path), { throwIfNoEntry: false }) ?? 'gone';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ELOOP' || code === 'ENAMETOOLONG' ? 'gone' : new Unread(error as NodeJS.ErrnoException);
  }
}

function lookInto(dir: string): { readonly stat: Stats; readonly children: readonly Child[] } | 'gone' | Unread {
  const stat = lookAt(dir);
  if (stat === 'gone' || stat instanceof Unread) return stat;
  if (!stat.isDirectory()) return 'gone';
  try {
    return { stat, children: childrenIn(dir) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'gone' : new Unread(error as NodeJS.ErrnoException);
  }
}
