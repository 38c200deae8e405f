// The entries of a set of files below a directory: what a build context or an update in place consists of.
import { lstatSync, type Stats } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import type { FileSet } from '../../../model/config.ts';
import { type Matcher, matcher, withoutSlash } from '../../../model/fileset.ts';
import { limits } from '../../../model/limits.ts';
import type { ContentStamp, TreeEntry } from '../../../model/ports.ts';
import { osPath } from '../../../model/text/raw-name.ts';
import { folds } from '../case-folding.ts';
import { isAtOrBelow } from '../mounts.ts';
import { childrenIn, targetOfLink } from '../names.ts';
import { breathing } from '../scan.ts';
import { missingOr } from './read-failure.ts';

/**
 * Sorted by path; links are not followed. What vanishes meanwhile is left out, as are sockets, pipes and devices, which
 * no archive carries. Rejects with a problem for what cannot be read. It starts at the roots of the set, so that one file
 * of a large directory costs one look.
 */
export async function list(root: string, files: FileSet, stop: AbortSignal): Promise<TreeEntry[]> {
  const isFolding = folds(root);
  const belongs = matcher(files, { folds: isFolding });
  const isReached = reaching(root);
  const breather = breathing(limits.sliceMs);
  const found = new Map<string, TreeEntry>();
  stop.throwIfAborted();
  // Where letter case is ignored, only a walk finds the names that are on disk.
  const starts = isFolding ? [root] : startsOf(root, files.roots).filter(isReached);
  for (const pending = starts; pending.length > 0; ) {
    const source = pending.pop()!;
    const stat = statOf(source);
    const entry = stat && source !== root && belongs.has(source) ? entryOf(source, relative(root, source), stat) : null;
    if (entry) found.set(source, entry);
    if (stat?.isDirectory() && belongs.mayDescend(source)) pending.push(...childrenOf(source, belongs));
    await breather();
    stop.throwIfAborted();
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Roots below `root`, or `root` itself where one of them holds it. */
function startsOf(root: string, roots: readonly string[]): string[] {
  const plain = roots.map(withoutSlash);
  if (plain.some((path) => isAtOrBelow(root, path))) return [root];
  return [...new Set(plain)].filter((path) => isAtOrBelow(path, root));
}

/** Is a path below `root` reached through directories alone? What lies behind a link belongs to another place. */
function reaching(root: string): (path: string) => boolean {
  const known = new Map([[root, true]]);
  const isOpen = (dir: string): boolean => {
    const before = known.get(dir);
    if (before !== undefined) return before;
    const is = dir !== dirname(dir) && isOpen(dirname(dir)) && (statOf(dir)?.isDirectory() ?? false);
    known.set(dir, is);
    return is;
  };
  return (path) => path === root || isOpen(dirname(path));
}

/** Links and files of the set, and directories it may have something in. */
function childrenOf(dir: string, belongs: Matcher): string[] {
  const children = orMissing(dir, () => childrenIn(dir)) ?? [];
  const below = dir === '/' ? dir : `${dir}/`;
  return children.flatMap((child) => {
    const path = below + child.name;
    return belongs.has(path) || (child.isDirectory() && belongs.mayDescend(path)) ? [path] : [];
  });
}

function entryOf(source: string, path: string, stat: Stats): TreeEntry | null {
  const found = { path: sep === '/' ? path : path.split(sep).join('/'), source, mode: stat.mode & 0o7777 };
  if (stat.isDirectory()) return { ...found, type: 'dir', size: 0 };
  if (stat.isFile()) return { ...found, type: 'file', size: stat.size, stamp: stampOf(stat) };
  if (!stat.isSymbolicLink()) return null;
  const target = orMissing(source, () => targetOfLink(source));
  return target === null ? null : { ...found, type: 'symlink', size: 0, target };
}

const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): ContentStamp => ({
  identity: `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`,
  at: Math.max(mtimeMs, ctimeMs),
});

const statOf = (path: string): Stats | null => orMissing(path, () => lstatSync(osPath(path)));

function orMissing<T>(path: string, look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    return missingOr(error as NodeJS.ErrnoException, path);
  }
}
