// Files of this machine, behind the port.
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access, lstat, open } from 'node:fs/promises';
import { limits } from '../../model/limits.ts';
import type { DiskPort } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { osPath } from '../../model/text/raw-name.ts';
import { follow } from './links.ts';
import { load, save } from './notes.ts';
import { type HashCache, hash } from './tree/content-hash.ts';
import { read } from './tree/entry-content.ts';
import { innerLinks } from './tree/inner-links.ts';
import { failingDisk, isOfDisk } from './tree/read-failure.ts';
import { tar } from './tree/tar.ts';
import { tarFile } from './tree/tar-file.ts';
import { list } from './tree/tree.ts';

export function createDisk(): DiskPort {
  const cache: HashCache = new Map();
  return {
    list,
    hash: (entries, stop) => hash(entries, cache, stop),
    tar,
    tarFile,
    read,
    readText,
    links: innerLinks,
    follow: async (path) => follow(path),
    exists: (path) =>
      access(osPath(path)).then(
        () => true,
        () => false,
      ),
    dirMode: (path) =>
      lstat(osPath(path)).then(
        (stat) => (stat.isDirectory() ? stat.mode & 0o7777 : null),
        () => null,
      ),
    load,
    save,
  };
}

/** Regular files alone: a pipe or a device may have no end, or none that comes. */
async function readText(
  path: string,
  { most = limits.manifestBytes, isText = false }: { readonly most?: number; readonly isText?: boolean } = {},
): Promise<string> {
  try {
    // Opening a pipe that nobody writes to would wait for somebody.
    const file = await open(osPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw refused(`${path} is no regular file: it is a directory`, 'S507', 'name a file');
      if (!stat.isFile())
        throw refused(`${path} is no regular file`, 'S507', 'name a file that can be read again and again');
      if (stat.size > most) throw refused(`${path} is larger than ${most >> 20} MB`, 'S507', 'is it the right file?');
      const bytes = await file.readFile();
      const text = bytes.toString('utf8');
      if (isText && text.includes('\uFFFD') && !isUtf8(bytes)) throw notUtf8(path, bytes, text);
      return text;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isProblemError(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // A socket cannot even be opened.
    if (code === 'ENXIO') throw refused(`${path} is no regular file`, 'S507');
    const other = `cannot be read: ${code ?? message}`;
    const [what, hint] = isOfDisk({ code } as NodeJS.ErrnoException)
      ? [other, failingDisk]
      : (lookup(reasons, code ?? '') ?? [other]);
    throw refused(`${path} ${what}`, 'S502', hint);
  }
}

const reasons: Readonly<Record<string, readonly [what: string, hint?: string]>> = {
  ENOENT: ['does not exist'],
  EACCES: ['cannot be read: you have no right to it', 'see its permissions, and those of the directories above it'],
  ENOTDIR: ['cannot be reached: a file stands where a directory is needed'],
  ELOOP: ['cannot be reached: links lead round in a circle', 'see where its links lead: ls -l'],
};

function notUtf8(path: string, bytes: Buffer, text: string): ProblemError {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const before = text.slice(0, text.indexOf('\uFFFD')).split('\n');
  const at = { file: path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const what = isWide
    ? 'this file is text in UTF-16'
    : 'this character is not UTF-8: the file was saved in another encoding';
  return new ProblemError({ kind: 'yours', code: 'S510', what, hint: 'save the file as UTF-8', at });
}

const refused = (what: string, code: string, hint?: string): ProblemError =>
  new ProblemError({ kind: 'yours', code, what, ...(hint ? { hint } : {}) });
