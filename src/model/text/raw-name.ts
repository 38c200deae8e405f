// Names of files are bytes, which on Linux need not be text. A byte that is no UTF-8 stands in our strings as a lone surrogate,
// U+DC80 for 0x80 to U+DCFF for 0xFF, as Python's surrogateescape has it (PEP 383): decoded text holds none, so that each name
// has one string and each string one name. JSON carries it, and whoever prints it shows the mark of what is no text (U+FFFD).

/** What decoding puts in place of bytes that are no text: a name with it has to be asked for as bytes. */
export const isLossy = (decoded: string): boolean => decoded.includes('\ufffd');

/** A name as a string. */
export function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!isLossy(text)) return text;
  let name = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    name += length === 0 ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString('utf8', at, at + length);
    at += length || 1;
  }
  return name;
}

/** How many bytes the character at this place has, 0 where there is none. */
function characterAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** One surrogate that belongs to no pair. */
const rawByte = /[\udc80-\udcff]/gu;

/** Is all of it text? */
export const isText = (name: string): boolean => (name as WellFormed).isWellFormed();

/** Of ES2024, which Node 20 has. */
type WellFormed = string & { isWellFormed(): boolean };

/** The bytes of a name or path. */
export function bytesOfName(name: string): Buffer {
  if (isText(name)) return Buffer.from(name);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { index, 0: found } of name.matchAll(rawByte)) {
    parts.push(Buffer.from(name.slice(from, index)), Buffer.from([found.charCodeAt(0) - 0xdc00]));
    from = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(name.slice(from))]);
}

/** For the functions of node:fs, which take text more quickly. */
export const osPath = (path: string): string | Buffer => (isText(path) ? path : bytesOfName(path));
