// A few thousand lines as bytes and back. Text is kept apart from what is known about each line, without colours and in a
// form that becomes a JavaScript string by copying, so that a search reads little more than the text itself.
import type { LogLevel, LogLine, LogOrigin } from '../model/log.ts';
import { withoutColours } from './ansi.ts';
import { joined, type Lines } from './pattern.ts';

export interface Block extends Lines {
  readonly count: number;
  /** Everything about line i but its text. */
  about(i: number): Omit<LogLine, 'text'>;
  line(i: number): LogLine;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
/** Per line: seq and time (both doubles), end in the plain and in the coloured text, origin, level. */
const perLine = 8 + 8 + 4 + 4 + 4 + 4;
/** Number of lines, bytes of plain text, bytes of coloured text, bytes of origins, wide plain?, wide coloured? */
const header = 6 * 4;

const isWide = (text: string): boolean => /[^\x00-\xff]/.test(text);
const bytesOf = (text: string, wide: boolean): Buffer => Buffer.from(text, wide ? 'utf16le' : 'latin1');
const textOf = (bytes: Buffer, wide: boolean): string => bytes.toString(wide ? 'utf16le' : 'latin1');

/** Lines of one resource, ascending by seq. */
export function encodeBlock(lines: readonly LogLine[]): Buffer {
  const coloured = joined(lines.map(({ text }) => text));
  const hasColours = coloured.text.includes('\x1b');
  const plain = hasColours ? joined(lines.map(({ text }) => withoutColours(text))) : coloured;
  const origins: LogOrigin[] = [];
  const indices = new Map<string, number>();
  const meta = Buffer.allocUnsafe(lines.length * perLine);
  lines.forEach((line, i) => {
    const origin = {
      resource: line.resource,
      source: line.source,
      pod: line.pod,
      container: line.container,
      run: line.run,
    };
    const key = JSON.stringify(origin);
    let index = indices.get(key);
    if (index === undefined) {
      index = origins.push(origin) - 1;
      indices.set(key, index);
    }
    const at = i * perLine;
    meta.writeDoubleLE(line.seq, at);
    meta.writeDoubleLE(line.at, at + 8);
    meta.writeUInt32LE(plain.ends[i] as number, at + 16);
    meta.writeUInt32LE(coloured.ends[i] as number, at + 20);
    meta.writeUInt32LE(index, at + 24);
    meta.writeUInt32LE(levels.indexOf(line.level), at + 28);
  });
  const wide = isWide(plain.text);
  const plainBytes = bytesOf(plain.text, wide);
  const wideColours = hasColours && isWide(coloured.text);
  const colouredBytes = hasColours ? bytesOf(coloured.text, wideColours) : Buffer.alloc(0);
  const originBytes = Buffer.from(JSON.stringify(origins));
  const head = Buffer.alloc(header);
  [
    lines.length,
    plainBytes.length,
    colouredBytes.length,
    originBytes.length,
    Number(wide),
    Number(wideColours),
  ].forEach((value, i) => {
    head.writeUInt32LE(value, i * 4);
  });
  return Buffer.concat([head, meta, plainBytes, colouredBytes, originBytes]);
}

export function decodeBlock(bytes: Buffer): Block {
  const [count, plainSize, colouredSize, originSize, wide, wideColours] = [0, 1, 2, 3, 4, 5].map((i) =>
    bytes.readUInt32LE(i * 4),
  ) as [number, number, number, number, number, number];
  const plainAt = header + count * perLine;
  const colouredAt = plainAt + plainSize;
  const originsAt = colouredAt + colouredSize;
  const text = textOf(bytes.subarray(plainAt, colouredAt), wide === 1);
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i++) ends[i] = bytes.readUInt32LE(header + i * perLine + 16);
  let full: string | null = null;
  let origins: readonly LogOrigin[] | null = null;
  const fullText = (): string =>
    (full ??= colouredSize > 0 ? textOf(bytes.subarray(colouredAt, originsAt), wideColours === 1) : text);
  const fullEnd = (i: number): number => bytes.readUInt32LE(header + i * perLine + 20);
  const about = (i: number): Omit<LogLine, 'text'> => {
    origins ??= JSON.parse(bytes.toString('utf8', originsAt, originsAt + originSize)) as LogOrigin[];
    const at = header + i * perLine;
    return {
      ...(origins[bytes.readUInt32LE(at + 24)] as LogOrigin),
      seq: bytes.readDoubleLE(at),
      at: bytes.readDoubleLE(at + 8),
      level: levels[bytes.readUInt32LE(at + 28)] as LogLevel,
    };
  };
  return {
    text,
    ends,
    count,
    about,
    line: (i) => ({ ...about(i), text: fullText().slice(i === 0 ? 0 : fullEnd(i - 1) + 1, fullEnd(i)) }),
  };
}
