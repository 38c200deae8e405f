// Files of this machine, behind the port.
import { access, readFile } from 'node:fs/promises';
import type { DiskPort } from '../../model/ports.ts';
import { ProblemError } from '../../model/problem.ts';
import { type HashCache, hash } from './hashing.ts';
import { follow } from './links.ts';
import { load, save } from './notes.ts';
import { tar } from './tar.ts';
import { list } from './tree.ts';

export function createDisk(): DiskPort {
  const cache: HashCache = new Map();
  return {
    list,
    hash: (entries, stop) => hash(entries, cache, stop),
    tar,
    readText,
    follow: async (path) => follow(path),
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    load,
    save,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${code ?? message}`;
    throw new ProblemError({ kind: 'yours', code: 'S502', what });
  }
}
