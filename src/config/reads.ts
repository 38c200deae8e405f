// What a configuration was made of, as one set of files to watch: a change to any of it loads again.
import type { FileSet } from '../model/config.ts';
import { filesAt } from './values/fileset.ts';
import { type Place, withoutBraces } from './values/place.ts';

export interface Reads {
  /** A file, a link, or a directory with all below it, at its real place. It need not exist yet. */
  add(path: string): void;
  /** Everything that matches, also what comes later. */
  addGlob(place: Pick<Place, 'real' | 'glob'>): void;
  files(): FileSet;
}

export function createReads(): Reads {
  const places = new Map<string, Place>();
  const add = (real: string, glob: string | null): void => {
    places.set(`${real}\0${glob}`, { given: real, real, glob, links: [] });
  };
  return {
    add: (path) => add(path, null),
    addGlob: ({ real, glob }) => {
      if (glob === null) add(real, null);
      else for (const each of withoutBraces(glob)) add(real, each.split('/').map(plainName).join('/'));
    },
    files: () => filesAt([...places.values()], { dir: '/', rules: [], configuration: [] }),
  };
}

/** One name of a glob. What ignore rules do not know (`+(a|b)`) stands for any name: that reads too much at worst. */
export const plainName = (name: string): string => (/[(){}|]/.test(name) ? '*' : name);
