// The head of a tar entry, in the format of GNU tar: names go as the bytes they are. The extended headers of pax would carry only
// text, and busybox passes over them.
import { bytesOfName } from '../../../model/text/raw-name.ts';

export interface TarHead {
  /** Without a slash at its end. */
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content that follow; 0 but for a file. */
  readonly size: number;
  /** ms since the epoch. */
  readonly mtime: number;
  /** Of a link. */
  readonly target?: string;
}

const block = 512;
/** Longer names and targets go before their entry as one of their own. */
export const longestName = 100;
const flags = { file: '0', symlink: '2', dir: '5', longTarget: 'K', longName: 'L' } as const;

export function tarHead(head: TarHead): Buffer {
  const name = bytesOfName(head.type === 'dir' ? `${head.path}/` : head.path);
  const target = bytesOfName(head.type === 'symlink' ? (head.target ?? '') : '');
  return Buffer.concat([
    ...(target.length > longestName ? [long(flags.longTarget, target)] : []),
    ...(name.length > longestName ? [long(flags.longName, name)] : []),
    record(flags[head.type], name, target, head),
  ]);
}

/** What fills the last block of a content of this size. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

export const tarEnd = Buffer.alloc(2 * block);

const plain = { mode: 0, uid: 0, gid: 0, mtime: 0 };

function long(flag: string, text: Buffer): Buffer {
  // The length counts the NUL after it.
  const size = text.length + 1;
  const none = Buffer.alloc(0);
  const head = record(flag, Buffer.from('././@LongLink'), none, { ...plain, size });
  return Buffer.concat([head, text, Buffer.alloc(1), padding(size)]);
}

type Numbers = Pick<TarHead, 'mode' | 'uid' | 'gid' | 'size' | 'mtime'>;

function record(flag: string, name: Buffer, target: Buffer, { mode, uid, gid, size, mtime }: Numbers): Buffer {
  const bytes = Buffer.alloc(block);
  name.copy(bytes, 0, 0, longestName);
  number(bytes, mode & 0o7777, 100, 8);
  number(bytes, uid, 108, 8);
  number(bytes, gid, 116, 8);
  number(bytes, size, 124, 12);
  number(bytes, Math.max(0, Math.floor(mtime / 1_000)), 136, 12);
  bytes.write('        ', 148, 'latin1');
  bytes.write(flag, 156, 'latin1');
  target.copy(bytes, 157, 0, longestName);
  bytes.write('ustar  \0', 257, 'latin1');
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** In octal; what does not fit, in bytes with the highest bit set. */
function number(bytes: Buffer, value: number, at: number, width: number): void {
  const octal = value.toString(8).padStart(width - 1, '0');
  if (octal.length < width) return void bytes.write(octal, at, 'latin1');
  for (let i = width - 1, rest = value; i > 0; i--, rest = Math.floor(rest / 256)) bytes[at + i] = rest % 256;
  bytes[at] = 0x80;
}
