// What a file is, and whether it is still the same.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, type Stats } from 'node:fs';
import { limits } from '../../model/limits.ts';
import { bytesOfName, osPath } from '../../model/text/raw-name.ts';
import { targetOfLink } from './names.ts';

/** What the index knows of a file or link. */
export interface Entry {
  size: number;
  mtime: number;
  ctime: number;
  ino: number;
  /** Type and permission bits. */
  mode: number;
  /** Null until it was hashed in the background. */
  hash: string | null;
  /** When this was looked at. */
  at: number;
}

export function entryOf(stat: Stats, hash: string | null): Entry {
  const { size, mtimeMs, ctimeMs, ino, mode } = stat;
  return { size, mtime: mtimeMs, ctime: ctimeMs, ino, mode, hash, at: Date.now() };
}

/** Nothing at all happened to it, as far as the kernel tells. */
export const isUntouched = (entry: Entry, stat: Stats): boolean =>
  entry.size === stat.size &&
  entry.mtime === stat.mtimeMs &&
  entry.ctime === stat.ctimeMs &&
  entry.ino === stat.ino &&
  entry.mode === stat.mode;

/** Looked at so soon after its last write that another within the same clock tick would look the same. */
export const isRacy = (entry: Entry): boolean => entry.at - Math.max(entry.mtime, entry.ctime) < limits.racyMs;

export const isCarried = (stat: Stats): boolean => stat.isFile() || stat.isSymbolicLink();

const chunk = Buffer.allocUnsafe(256 * 1024);

/** Of the content or a link's target; for what is too large or unreadable, of size and time. Null when it vanished. */
export function contentHash(path: string, stat: Stats): string | null {
  // ctime too: what is put in place with its old times (cp -p, rsync -t) is another all the same.
  const byTime = () => `${stat.size}@${stat.mtimeMs}@${stat.ctimeMs}`;
  if (stat.size > limits.hashFileBytes) return byTime();
  try {
    const hash = createHash('sha1');
    if (stat.isSymbolicLink()) return hash.update(bytesOfName(targetOfLink(path))).digest('base64');
    const file = openSync(osPath(path), 'r');
    try {
      for (let read = 1; read > 0; ) {
        read = readSync(file, chunk);
        hash.update(chunk.subarray(0, read));
      }
    } finally {
      closeSync(file);
    }
    return hash.digest('base64');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : byTime();
  }
}
