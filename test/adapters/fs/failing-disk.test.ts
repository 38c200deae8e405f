// A disk that gives what it holds no more: the file is named, with what can be done, and it is not called one that changes.
import { closeSync, openSync, readSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { missingOr } from '../../../src/adapters/fs/tree/read-failure.ts';
import { limits } from '../../../src/model/limits.ts';
import type { TreeEntry } from '../../../src/model/ports.ts';

const disk = createDisk();
const never = new AbortController().signal;
// A regular file whose first byte the kernel refuses with EIO, as it does for a bad sector: nothing is mapped at address 0.
const broken = '/proc/self/mem';
const entryOf = (size: number): TreeEntry => ({ path: 'f', source: broken, type: 'file', size, mode: 0o644 });
const told = {
  problem: { code: 'S502', what: `${broken} cannot be read: EIO`, hint: expect.stringContaining('its disk') },
};

function isThere(): boolean {
  try {
    const file = openSync(broken, 'r');
    try {
      readSync(file, Buffer.alloc(1));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EIO';
    } finally {
      closeSync(file);
    }
  } catch {}
  return false;
}

it.skipIf(!isThere()).each<[string, () => Promise<unknown>]>([
  ['as a text', () => disk.readText(broken)],
  ['to tell whether it is another', () => disk.hash([entryOf(1)], never)],
  ['the same, by a stream', () => disk.hash([entryOf(limits.readWholeBytes + 1)], never)],
  ['as what goes into an image', () => buffer(disk.tar([entryOf(1)]))],
  ['as what goes into a container', async () => [...(disk.read(entryOf(1)) as Iterable<Buffer>)]],
])('read %s', async (_, read) => {
  await expect(read()).rejects.toMatchObject(told);
});

it.each(['EIO', 'ESTALE', 'ENODEV', 'EBADMSG', 'EUCLEAN'])('%s is no matter of permissions', (code) => {
  const error = Object.assign(new Error(code), { code });
  expect(() => missingOr(error, '/p/f')).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ hint: expect.stringContaining('its disk') }) }),
  );
});
