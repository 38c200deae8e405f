// Does the file system of a directory take `A` and `a` for the same name? Asked by looking, since macOS and ext4 can both.
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** False also where it cannot be told: no letter in the path, or the directory is missing. */
export function folds(dir: string): boolean {
  for (let at = dir; at !== dirname(at); at = dirname(at)) {
    const name = basename(at);
    const swapped = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
    if (swapped === name) continue;
    const [one, other] = [at, join(dirname(at), swapped)].map((path) => statSync(path, { throwIfNoEntry: false }));
    return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
  }
  return false;
}
