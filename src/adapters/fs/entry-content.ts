// What is in a file that was listed. Small files are read whole by synchronous calls, ten times cheaper than promises; of a
// large one a few chunks are in memory.
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { limits } from '../../model/limits.ts';
import type { DiskPort, TreeEntry } from '../../model/ports.ts';
import { ProblemError } from '../../model/problem.ts';
import { identityOf } from './content.ts';

/** In chunks; fails with a problem when the file vanished, or shrinks meanwhile. */
export const read: DiskPort['read'] = (entry, touched) => {
  const whole = readSmall(entry, touched);
  return whole ? [whole] : readLarge(entry, touched);
};

type Touched = (() => void) | undefined;

/** Before it is read: what changes it from then on leaves its mark in the next listing. */
function compare({ stamp }: TreeEntry, stat: Stats, touched: Touched): void {
  if (touched && stamp?.identity !== identityOf(stat)) touched();
}

/** A small file whole, null for what is larger. */
export function readSmall(entry: TreeEntry, touched?: Touched): Buffer | null {
  if (entry.size > limits.readWholeBytes) return null;
  try {
    const file = openSync(entry.source, 'r');
    try {
      const stat = fstatSync(file);
      compare(entry, stat, touched);
      return stat.size > limits.readWholeBytes ? null : readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(entry, error as NodeJS.ErrnoException);
  }
}

/** As long as it is when opened: it may have grown since it was listed, and grow on. The chunks close it at their end. */
export async function openLarge(
  entry: TreeEntry,
  touched?: Touched,
): Promise<{ size: number; chunks: AsyncIterable<Buffer> }> {
  const file = await open(entry.source, 'r').catch((error) => {
    throw unreadable(entry, error);
  });
  const stat = await file.stat();
  compare(entry, stat, touched);
  return { size: stat.size, chunks: chunksOf(entry, file, stat.size) };
}

async function* readLarge(entry: TreeEntry, touched: Touched): AsyncGenerator<Buffer> {
  yield* (await openLarge(entry, touched)).chunks;
}

async function* chunksOf(entry: TreeEntry, file: FileHandle, size: number): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; at < size; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(256 * 1024, size - at)), {
        position: at,
      });
      if (bytesRead === 0) throw changed(entry, 'became shorter');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const unreadable = (entry: TreeEntry, { code }: NodeJS.ErrnoException): ProblemError =>
  changed(entry, code === 'ENOENT' ? 'vanished' : `cannot be read (${code})`);

function changed(entry: TreeEntry, how: string): ProblemError {
  const what = `${entry.source} ${how} while it was packed`;
  const hint = 'if something writes it all the time, ignore it (`ignore`, .dockerignore)';
  return new ProblemError({ kind: 'step', code: 'S503', what, hint });
}
