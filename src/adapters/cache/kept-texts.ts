// Texts by their keys, kept for later runs in the user's cache directory. Whatever goes wrong, there are none.
import { join } from 'node:path';
import type { KeptPort } from '../../model/ports.ts';
import { readOwn, writeOwn } from './own-files.ts';
import { packed, unpacked } from './packed.ts';

type Texts = ReadonlyMap<string, string>;

/** `dir`: null keeps them in memory alone. */
export function keptTexts(dir: string | null): KeptPort {
  const known = new Map<string, Texts>();
  return {
    load(name) {
      const texts = known.get(name) ?? (dir === null ? new Map() : read(join(dir, name)));
      known.set(name, texts);
      return texts;
    },
    save(name, texts) {
      known.set(name, texts);
      if (dir !== null) write(dir, join(dir, name), texts);
    },
  };
}

function read(path: string): Texts {
  try {
    return new Map([...unpacked(readOwn(path))].map(([key, text]) => [key, text.toString()]));
  } catch {
    return new Map();
  }
}

function write(dir: string, path: string, texts: Texts): void {
  try {
    writeOwn(dir, path, packed(new Map([...texts].map(([key, text]) => [key, Buffer.from(text)]))));
  } catch {
    // A full disk, a directory that may not be written to.
  }
}
