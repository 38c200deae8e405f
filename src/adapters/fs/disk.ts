// Files of this machine, behind the port.
import { constants } from 'node:fs';
import { access, lstat, open } from 'node:fs/promises';
import { limits } from '../../model/limits.ts';
import type { DiskPort } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { read } from './entry-content.ts';
import { type HashCache, hash } from './hashing.ts';
import { follow } from './links.ts';
import { load, save } from './notes.ts';
import { tar } from './tar.ts';
import { tarFile } from './tar-file.ts';
import { list } from './tree.ts';

export function createDisk(): DiskPort {
  const cache: HashCache = new Map();
  return {
    list,
    hash: (entries, stop) => hash(entries, cache, stop),
    tar,
    tarFile,
    read,
    readText,
    follow: async (path) => follow(path),
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    dirMode: (path) =>
      lstat(path).then(
        (stat) => (stat.isDirectory() ? stat.mode & 0o7777 : null),
        () => null,
      ),
    load,
    save,
  };
}

/** Regular files alone: a pipe or a device may have no end, or none that comes. */
async function readText(path: string): Promise<string> {
  try {
    // Opening a pipe that nobody writes to would wait for somebody.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw refused(`${path} is no regular file`, 'S507');
      if (stat.size > limits.manifestBytes)
        throw refused(`${path} is larger than ${limits.manifestBytes >> 20} MB`, 'S507');
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isProblemError(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // A socket cannot even be opened.
    if (code === 'ENXIO') throw refused(`${path} is no regular file`, 'S507');
    throw refused(code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${code ?? message}`, 'S502');
  }
}

const refused = (what: string, code: string): ProblemError => new ProblemError({ kind: 'yours', code, what });
