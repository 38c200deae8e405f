// A few small files as a tar archive, in memory: what a container is given between its making and its start.
import type { GivenFile } from './given-files.ts';

const block = 512;

/** In the ustar format, which every Docker unpacks; directories above a file are made by Docker. `at`: of their last change, ms. */
export const tarOf = (files: readonly GivenFile[], at: number): Buffer =>
  Buffer.concat([...files.flatMap((file) => entry(file, at)), Buffer.alloc(block * 2)]);

function entry({ path, content, uid, gid, mode }: GivenFile, at: number): Buffer[] {
  const body = Buffer.from(content, 'utf8');
  const header = Buffer.alloc(block);
  const name = path.replace(/^\/+/, '');
  const cut = name.length <= 100 ? 0 : name.lastIndexOf('/', 155) + 1;
  header.write(name.slice(cut), 0, 100);
  header.write(octal(mode, 7), 100);
  header.write(octal(uid, 7), 108);
  header.write(octal(gid, 7), 116);
  header.write(octal(body.length, 11), 124);
  header.write(octal(Math.floor(at / 1000), 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(name.slice(0, Math.max(0, cut - 1)), 345, 155);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return [header, body, Buffer.alloc((block - (body.length % block)) % block)];
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
