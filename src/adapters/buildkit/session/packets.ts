// The packets of BuildKit's file transfer (fsutil.types.Packet): the sender lists the whole directory first, then answers
// requests for the files in it by their place in that list.
import { randomInt } from 'node:crypto';
import type { ContextEntry } from '../../../model/ports.ts';
import { bytesOfName } from '../../../model/text/raw-name.ts';
import { bytesOf, encodeField, fields, numberOf } from '../protobuf.ts';

const types = { stat: 0, request: 1, data: 2, fin: 3, error: 4 } as const;

/** Bits of a mode as Go counts them, unlike the kernel. */
const goMode = {
  dir: 0x8000_0000,
  symlink: 0x0800_0000,
  setuid: 0x0080_0000,
  setgid: 0x0040_0000,
  sticky: 0x0010_0000,
};

export type Request = { readonly is: 'file'; readonly id: number } | { readonly is: 'fin' };

/** Throws what the receiver says went wrong on its side. */
export function requestOf(bytes: Uint8Array): Request | null {
  let type = 0;
  let id = 0;
  let data = new Uint8Array() as Uint8Array;
  for (const { no, value } of fields(bytes)) {
    if (no === 1) type = numberOf(value);
    else if (no === 3) id = numberOf(value);
    else if (no === 4) data = bytesOf(value);
  }
  if (type === types.error) throw new Error(Buffer.from(data).toString('utf8'));
  if (type === types.fin) return { is: 'fin' };
  return type === types.request ? { is: 'file', id } : null;
}

/** One entry of the list, owned by root; `mtime` in ms since the epoch. */
export function statPacket(entry: ContextEntry, mtime: number): Buffer {
  const isLink = entry.type === 'symlink';
  const target = isLink ? bytesOfName(entry.target ?? '') : Buffer.alloc(0);
  const stat = [
    encodeField(1, bytesOfName(entry.path)),
    encodeField(2, modeOf(entry)),
    encodeField(5, isLink ? target.length : entry.size),
    encodeField(6, BigInt(Math.floor(mtime / 1_000)) * 1_000_000_000n + BigInt(isLink ? 0 : fraction(entry))),
    ...(isLink ? [encodeField(7, target)] : []),
  ];
  return encodeField(2, Buffer.concat(stat));
}

/**
 * Nanoseconds that stand for the content, since BuildKit asks again for a file of another size or time alone; layers keep whole
 * seconds. What was not hashed is always asked for.
 */
const fraction = ({ type, hash }: ContextEntry): number =>
  type === 'dir' ? 0 : hash === undefined ? randomInt(1e9) : Number.parseInt(hash.slice(0, 12), 16) % 1e9;

function modeOf({ type, mode }: ContextEntry): number {
  const special =
    (mode & 0o4000 ? goMode.setuid : 0) + (mode & 0o2000 ? goMode.setgid : 0) + (mode & 0o1000 ? goMode.sticky : 0);
  const kind = type === 'dir' ? goMode.dir : type === 'symlink' ? goMode.symlink : 0;
  return kind + special + (mode & 0o777);
}

/** A listing ends with one that has no entry. */
export const endOfList = encodeField(1, types.stat);

export const dataPacket = (id: number, data: Uint8Array): Buffer =>
  Buffer.concat([encodeField(1, types.data), encodeField(3, id), encodeField(4, data)]);

/** A file ends with data of no length. */
export const endOfFile = (id: number): Buffer => dataPacket(id, new Uint8Array());

export const finPacket = encodeField(1, types.fin);
