// The tar of a layer as a list of its entries, each with its place in it. What cannot be told apart for certain makes all of it
// unreadable: GNU's own long names, sparse files, numbers that are not octal.
import { nameOf } from '../../../model/text/raw-name.ts';

const block = 512;

export interface TarEntry {
  /** Absolute, without a slash at its end. */
  readonly path: string;
  /** `0` a file, `1` a hard link, `2` a link, `5` a directory. */
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  /** Of a link: as written. */
  readonly target: string;
  /** Extended fields (PAX), in their order. */
  readonly extended: ReadonlyMap<string, Buffer>;
  /** Where it begins (its extended header, if it has one), where its own header does, and where the next one begins. */
  readonly from: number;
  readonly header: number;
  readonly to: number;
}

/** Null where it is not to be read; `end` is where the blocks of zeros begin. */
export function entriesOf(tar: Buffer): { readonly entries: readonly TarEntry[]; readonly end: number } | null {
  const entries: TarEntry[] = [];
  let [at, from, extended] = [0, 0, new Map<string, Buffer>()];
  while (at + block <= tar.length && tar[at] !== 0) {
    const size = octal(tar, at + 124, 12);
    const [type, to] = [String.fromCharCode(tar[at + 156]!), at + block + Math.ceil((size ?? 0) / block) * block];
    if (size === null || to > tar.length || !isSummed(tar, at)) return null;
    if (type === 'x') {
      const records = recordsOf(tar.subarray(at + block, at + block + size));
      if (records === null || extended.size > 0) return null;
      extended = records;
    } else {
      const mode = octal(tar, at + 100, 8);
      if (!/[\x000-7]/.test(type) || mode === null || extended.has('size')) return null;
      const path = `/${nameOf(extended.get('path') ?? named(tar, at)).replace(/^(\.?\/)+|\/+$/g, '')}`;
      const target = nameOf(extended.get('linkpath') ?? text(tar, at + 157, 100));
      entries.push({ path, type: type === '\0' ? '0' : type, mode, size, target, extended, from, header: at, to });
      [from, extended] = [to, new Map()];
    }
    at = to;
  }
  return extended.size > 0 ? null : { entries, end: at };
}

const text = (tar: Buffer, at: number, most: number): Buffer => {
  const end = tar.subarray(at, at + most).indexOf(0);
  return tar.subarray(at, at + (end < 0 ? most : end));
};

function named(tar: Buffer, at: number): Buffer {
  const [name, prefix] = [text(tar, at, 100), text(tar, at + 345, 155)];
  const isPosix = text(tar, at + 257, 6).toString() === 'ustar';
  return isPosix && prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
}

function octal(tar: Buffer, at: number, length: number): number | null {
  const digits = text(tar, at, length).toString('latin1').trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

/** `LENGTH KEY=VALUE\n`, the length that of all of it. */
function recordsOf(body: Buffer): Map<string, Buffer> | null {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < body.length; ) {
    const [space, equals] = [body.indexOf(' ', at), body.indexOf('=', at)];
    const length = Number(body.toString('latin1', at, Math.max(at, space)));
    if (!(length > 0) || at + length > body.length || equals < space || equals > at + length) return null;
    records.set(body.toString('utf8', space + 1, equals), body.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return records.size > 0 ? records : null;
}

const sumOf = (header: Buffer): number => {
  let sum = 0;
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i]!;
  return sum;
};

const isSummed = (tar: Buffer, at: number): boolean => octal(tar, at + 148, 8) === sumOf(tar.subarray(at, at + block));

/** What of a header is another: the rest stays as its builder has written it. */
export interface Changed {
  readonly mode?: number;
  readonly size: number;
}

export function headerWith(header: Buffer, { mode, size }: Changed): Buffer {
  const made = Buffer.from(header);
  if (mode !== undefined) made.write(`${mode.toString(8).padStart(7, '0')}\0`, 100, 'latin1');
  made.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  return summed(made);
}

function summed(header: Buffer): Buffer {
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Blocks of zeros after this many bytes, to the next whole one. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** The end of an archive. */
export const ending: Buffer = Buffer.alloc(2 * block);

/**
 * Headers of another name with the owner and all else of `header`, which has no extended ones. `name`: bytes, not absolute. `type`:
 * as in TarEntry.
 */
export function headersFor(header: Buffer, name: Buffer, changed: Changed, type = '0'): Buffer {
  const made = headerWith(header, changed);
  made.write(type, 156, 'latin1');
  made.fill(0, 0, 100).fill(0, 345, 500);
  const isShort = name.length <= 100 && name.every((byte) => byte >= 0x20 && byte < 0x7f);
  name.copy(made, 0, 0, isShort ? name.length : 0);
  if (isShort) return summed(made);
  made.write('-', 0, 'latin1');
  const record = recordOf('path', name);
  const extended = headerWith(header, { mode: 0, size: record.length });
  extended.fill(0, 0, 100).fill(0, 345, 500).write('PaxHeaders.0/-', 0, 'latin1');
  extended.write('x', 156, 'latin1');
  return Buffer.concat([summed(extended), record, padding(record.length), summed(made)]);
}

function recordOf(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
