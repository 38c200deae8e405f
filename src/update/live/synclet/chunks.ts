// Files on their way to the far side, cut into chunks that each wait for their acknowledgement: 50 MB of files need
// the memory of one chunk.
import { limits } from '../../../model/limits.ts';
import type { DiskPort, TreeEntry } from '../../../model/ports.ts';
import { escaped, type Packing } from './message.ts';

/** Sends bytes and resolves when the far side has taken them. */
export type SendChunk = (bytes: Uint8Array) => Promise<void>;

const tarHeaderBytes = 512;

export async function sendFiles(
  entries: readonly TreeEntry[],
  packing: Packing,
  disk: Pick<DiskPort, 'tar'>,
  send: SendChunk,
): Promise<void> {
  if (entries.length === 0) return;
  if (packing === 'tar') return sendChunks(disk.tar(entries), '', send);
  for (const entry of entries) await sendEntry(entry, disk, send);
}

/** For containers without tar: one file after the other. */
async function sendEntry(entry: TreeEntry, disk: Pick<DiskPort, 'tar'>, send: SendChunk): Promise<void> {
  const path = escaped(`/${entry.path}`);
  const mode = `${(entry.mode & 0o7777).toString(8)}:${entry.uid ?? 0}:${entry.gid ?? 0}`;
  if (entry.type === 'symlink') return send(Buffer.from(`s ${mode} ${path}\n${escaped(entry.target ?? '')}\n`));
  if (entry.type === 'dir') return send(Buffer.from(`d ${mode} ${path}\n`));
  return sendChunks(contentOf(disk.tar([{ ...entry, path: 'f' }])), `f ${mode} ${path}\n`, send);
}

/** The disk port streams files as tar only: a short name makes one plain header with the size, and the content follows. */
async function* contentOf(tar: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let header = Buffer.alloc(0);
  let left = 0;
  for await (const chunk of tar) {
    let part = chunk;
    if (header.length < tarHeaderBytes) {
      const missing = tarHeaderBytes - header.length;
      header = Buffer.concat([header, part.subarray(0, missing)]);
      part = part.subarray(missing);
      if (header.length === tarHeaderBytes) left = Number.parseInt(header.toString('latin1', 124, 135), 8);
    }
    if (left === 0 || part.length === 0) continue;
    yield part.subarray(0, left);
    left -= Math.min(left, part.length);
  }
}

/** `head` goes out with the first chunk. The last chunk is marked, so one is always held back until more is known. */
async function sendChunks(bytes: AsyncIterable<Uint8Array>, head: string, send: SendChunk): Promise<void> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let before = head;
  const flush = async (mark: 'm' | 'l') => {
    const chunk = Buffer.concat([Buffer.from(`${before}${mark} ${size}\n`), ...parts]);
    before = '';
    parts = [];
    size = 0;
    await send(chunk);
  };
  for await (const part of bytes) {
    if (size > 0 && size + part.length > limits.syncChunkBytes) await flush('m');
    parts.push(part);
    size += part.length;
  }
  await flush('l');
}
