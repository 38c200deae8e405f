// A watch plan, compiled: which paths concern which targets, and where watching must begin.
import { dirname } from 'node:path';
import { type Matcher, matcher, withoutSlash } from '../../../model/fileset.ts';
import type { WatchPlan } from '../../../model/ports.ts';
import { folds } from '../case-folding.ts';
import { isAtOrBelow } from '../mounts.ts';
import { statOf } from '../scan.ts';

export interface WatchedSet extends Matcher {
  /** Equal keys: the same files are watched, whatever the targets are called. */
  readonly key: string;
  readonly roots: readonly string[];
  /** A directory itself belongs to those that carry directories alone. */
  targetsOf(path: string, isDir: boolean): string[];
  /** A link that stands for a root, or for a directory above one: what is named lies elsewhere from now on. */
  isLinkToRoot(path: string): boolean;
}

export function watchedSet(plan: WatchPlan): WatchedSet {
  const options = { folds: folds(plan.dir), watching: true };
  const targets = plan.targets.map(({ id, files, dirs = false, followsLinks = false }) => ({
    id,
    dirs,
    followsLinks,
    ...matcher(files, options),
  }));
  const roots = [...new Set(plan.targets.flatMap(({ files }) => files.roots))];
  const ways = new Set(roots.flatMap((root) => [withoutSlash(root), ...between('/', dirname(withoutSlash(root)))]));
  const isLinkToRoot = (path: string) => ways.has(path) && (statOf(path)?.isSymbolicLink() ?? false);
  const followers = targets.filter(({ followsLinks }) => followsLinks);
  const isInnerLink = (path: string) =>
    followers.some((target) => target.has(path)) && (statOf(path)?.isSymbolicLink() ?? false);
  const takers = plan.targets.filter(({ takesLinks }) => takesLinks).map(({ id }) => id);
  return {
    roots,
    isLinkToRoot,
    key: JSON.stringify([...new Set(plan.targets.map(({ files }) => JSON.stringify(files)))].sort()),
    has: (path) => targets.some((target) => target.has(path)) || isLinkToRoot(path),
    mayDescend: (dir) => targets.some((target) => target.mayDescend(dir)),
    targetsOf: (path, isDir) => {
      const holding = targets.filter((target) => (!isDir || target.dirs) && target.has(path)).map(({ id }) => id);
      return [...new Set(isLinkToRoot(path) || isInnerLink(path) ? [...holding, ...takers] : holding)];
    },
  };
}

/** The existing directories to begin at: a file is seen from its directory, a missing root from the nearest one above. */
export function beginnings(set: WatchedSet): string[] {
  const dirs = [...new Set(set.roots.map(existingDir))].sort();
  const isCovered = (dir: string) =>
    dirs.some((other) => other !== dir && isAtOrBelow(dir, other) && between(other, dir).every(set.mayDescend));
  return dirs.filter((dir) => !isCovered(dir));
}

function existingDir(root: string): string {
  let at = root.length > 1 && root.endsWith('/') ? root.slice(0, -1) : root;
  while (at !== dirname(at) && !statOf(at)?.isDirectory()) at = dirname(at);
  return at;
}

/** The directories from below `top` down to `dir`. */
function between(top: string, dir: string): string[] {
  const all: string[] = [];
  for (let at = dir; at !== top; at = dirname(at)) all.push(at);
  return all;
}
