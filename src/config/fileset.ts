// Sets of files from the configuration: roots, and ignore rules in groups that each have a word of their own.
import { relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import type { FileSet } from '../model/config.ts';
import { literal } from './reads.ts';

type Filters = FileSet['filters'];

/** Files and directories, some perhaps globs, relative to `dir`; without what `ignore` rules of that directory leave out. */
export function filesAt(dir: string, paths: readonly string[], ...ignore: readonly (readonly string[])[]): FileSet {
  const globs = paths.map((path) => staticPart(resolve(dir, path)));
  const roots = [...new Set(globs.map(({ base }) => base))];
  const only = globs.some(({ isGlob }) => isGlob)
    ? [
        [
          '**',
          ...globs.map(({ path, isGlob }) => `!${isGlob ? relative(dir, path) : literal(relative(dir, path)) || '**'}`),
        ],
      ]
    : [];
  return { roots, filters: filters(dir, [...only, ...ignore]) };
}

/** One filter for each group that says anything. */
export const filters = (base: string, groups: readonly (readonly string[])[]): Filters =>
  groups.filter((patterns) => patterns.length > 0).map((patterns) => ({ base, patterns }));

/** The directory before the first wildcard of an absolute path. */
export function staticPart(path: string): { readonly path: string; readonly base: string; readonly isGlob: boolean } {
  const { base, isGlob, glob } = picomatch.scan(path);
  return isGlob && glob !== '' ? { path, base, isGlob } : { path, base: path, isGlob: false };
}
