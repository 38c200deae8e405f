// Compiled code of one command, in a file of the user's cache directory. It is run as it is read: none is taken that somebody else
// could have written, or that is not whole. Whatever goes wrong, the program is compiled again.
import { join } from 'node:path';
import { readOwn, writeOwn } from '../adapters/cache/own-files.ts';
import { packed, unpacked } from '../adapters/cache/packed.ts';

export interface CodeKeeper {
  /** What was compiled of a script in an earlier run. V8 says whether it can use it. */
  kept(name: string): Buffer | undefined;
  /** Of scripts by name, beside what is kept of others. */
  keep(scripts: ReadonlyMap<string, Buffer>): void;
}

/** `dir`: null keeps nothing. `build`: of the scripts; `command`: files are for one each. */
export function codeKeeper(dir: string | null, build: string, command: string): CodeKeeper {
  const isWord = /^[a-z-]{1,24}$/.test(command);
  if (dir === null || !isWord) return { kept: () => undefined, keep: () => {} };
  const path = join(dir, `${build}-${process.version}-${process.arch}-${command}`);
  const found = parts(path);
  return {
    kept: (name) => found.get(name),
    keep: (scripts) => {
      try {
        writeOwn(dir, path, packed(new Map([...found, ...scripts])));
      } catch {
        // A full disk, a directory that may not be written to.
      }
    },
  };
}

function parts(path: string): ReadonlyMap<string, Buffer> {
  try {
    return unpacked(readOwn(path));
  } catch {
    return new Map();
  }
}
