// Named parts in one file, which says by itself whether it is whole.
import { crc32 } from 'node:zlib';

const NUMBER_BYTES = 4;

/** A checksum of the rest, the length of the table, the table, and what it tells of: names and lengths, in their order. */
export function packed(parts: ReadonlyMap<string, Buffer>): Buffer {
  const table = Buffer.from(JSON.stringify([...parts].map(([name, { length }]) => [name, length])));
  const length = Buffer.alloc(NUMBER_BYTES);
  length.writeUInt32LE(table.length);
  const rest = Buffer.concat([length, table, ...parts.values()]);
  const sum = Buffer.alloc(NUMBER_BYTES);
  sum.writeUInt32LE(crc32(rest));
  return Buffer.concat([sum, rest]);
}

/** Throws where it is not whole. */
export function unpacked(file: Buffer): ReadonlyMap<string, Buffer> {
  const rest = file.subarray(NUMBER_BYTES);
  if (file.readUInt32LE(0) !== crc32(rest)) throw new Error('damaged');
  let at = NUMBER_BYTES + rest.readUInt32LE(0);
  const table: readonly (readonly [string, number])[] = JSON.parse(rest.toString('utf8', NUMBER_BYTES, at));
  const found = new Map<string, Buffer>();
  for (const [name, length] of table) {
    found.set(name, rest.subarray(at, at + length));
    at += length;
  }
  return found;
}
