// What a configuration was made of, as one set of files to watch: a change to any of it loads again.
import { isAbsolute, relative } from 'node:path';
import type { FileSet } from '../model/config.ts';

export interface Reads {
  /** A file, or a directory with all below it. It need not exist yet. */
  add(path: string): void;
  /** Everything that matches an absolute glob, also what comes later; `base` is the part before its first wildcard. */
  addGlob(glob: string, base: string): void;
  files(): FileSet;
}

/** Paths below `dir` become one root with everything else ignored; any other is a root of its own. */
export function createReads(dir: string): Reads {
  const inside = new Set<string>();
  const outside = new Set<string>();
  const below = (path: string): string | null => {
    const rest = relative(dir, path);
    return rest === '' || rest === '..' || rest.startsWith('../') || isAbsolute(rest) ? null : rest;
  };
  return {
    add(path) {
      const rest = below(path);
      if (rest === null) outside.add(path);
      else inside.add(literal(rest));
    },
    addGlob(glob, base) {
      const rest = below(glob);
      if (rest === null) outside.add(base);
      // Braces and the like are no part of ignore rules: such a segment stands for any name, which reads too much at worst.
      else
        inside.add(
          rest
            .split('/')
            .map((each) => (/[{}()[\]+@!|]/.test(each) ? '*' : each))
            .join('/'),
        );
    },
    files: () => ({
      roots: inside.size > 0 ? [dir, ...outside] : [...outside],
      filters: inside.size > 0 ? [{ base: dir, patterns: ['**', ...[...inside].map((each) => `!${each}`)] }] : [],
    }),
  };
}

/** A path as a pattern that matches only itself. */
export const literal = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&');
