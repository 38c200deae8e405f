// What is in a file that was listed. Small files are read whole by synchronous calls, ten times cheaper than promises; of a
// large one a few chunks are in memory.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { limits } from '../../../model/limits.ts';
import type { DiskPort, TreeEntry } from '../../../model/ports.ts';
import { isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { osPath } from '../../../model/text/raw-name.ts';
import { failingDisk, isOfDisk } from './read-failure.ts';

/** In chunks; fails with a problem when the file vanished, or shrinks meanwhile. */
export const read: DiskPort['read'] = (entry) => {
  const whole = readSmall(entry);
  return whole ? [whole] : readLarge(entry);
};

/** A small file whole, null for what is larger. */
export function readSmall(entry: TreeEntry): Buffer | null {
  if (entry.size > limits.readWholeBytes) return null;
  try {
    const file = openSync(osPath(entry.source), 'r');
    try {
      return fstatSync(file).size > limits.readWholeBytes ? null : readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(entry, error as NodeJS.ErrnoException);
  }
}

/** As long as it is when opened: it may have grown since it was listed, and grow on. The chunks close it at their end. */
export async function openLarge(entry: TreeEntry): Promise<{ size: number; chunks: AsyncIterable<Buffer> }> {
  const file = await open(osPath(entry.source), 'r').catch((error) => {
    throw unreadable(entry, error);
  });
  const { size } = await file.stat();
  return { size, chunks: chunksOf(entry, file, size) };
}

async function* readLarge(entry: TreeEntry): AsyncGenerator<Buffer> {
  yield* (await openLarge(entry)).chunks;
}

async function* chunksOf(entry: TreeEntry, file: FileHandle, size: number): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; at < size; ) {
      const into = Buffer.allocUnsafe(Math.min(256 * 1024, size - at));
      const { bytesRead, buffer } = await file.read(into, { position: at }).catch((error) => {
        throw unreadable(entry, error);
      });
      if (bytesRead === 0) throw changed(entry, 'became shorter');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function unreadable(entry: TreeEntry, error: NodeJS.ErrnoException): ProblemError {
  if (isProblemError(error)) return error;
  if (error.code === 'ENOENT') return changed(entry, 'vanished');
  if (!isOfDisk(error)) return changed(entry, `cannot be read (${error.code})`);
  const what = `${entry.source} cannot be read: ${error.code}`;
  return new ProblemError({ kind: 'yours', code: 'S502', what, hint: failingDisk });
}

function changed(entry: TreeEntry, how: string): ProblemError {
  const what = `${entry.source} ${how} while it was packed`;
  const hint = 'if something writes it all the time, ignore it (`ignore`, .dockerignore)';
  return new ProblemError({ kind: 'step', code: 'S503', what, hint });
}
