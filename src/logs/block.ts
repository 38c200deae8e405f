// A few thousand lines as bytes and back. Text is kept apart from what is known about each line, without colours and in a
// form that becomes a JavaScript string by copying, so that a search reads little more than the text itself.
import type { LogLevel, LogLine, LogOrigin } from '../model/log.ts';
import { withoutColours } from './lines/ansi.ts';
import { joined, type Lines } from './pattern.ts';

export interface Block extends Lines {
  readonly count: number;
  seq(i: number): number;
  /** Everything about line i but its text. */
  about(i: number): Omit<LogLine, 'text'>;
  line(i: number): LogLine;
  /** All lines with their colours, joined by line feeds. */
  whole(): string;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
/** Columns of one number per line: seqs, times, ends in the plain and in the coloured text, origins, levels. */
const perLine = 8 + 8 + 4 + 4 + 4 + 4;
/** Number of lines, bytes of plain text, bytes of coloured text, bytes of origins, is plain wide, is coloured wide. */
const header = 6 * 4;

const isWide = (text: string): boolean => /[^\x00-\xff]/.test(text);
const bytesOf = (text: string, wide: boolean): Buffer => Buffer.from(text, wide ? 'utf16le' : 'latin1');
const textOf = (bytes: Buffer, wide: boolean): string => bytes.toString(wide ? 'utf16le' : 'latin1');

/** Typed arrays over one buffer: read and written by this process alone, so its byte order is the right one. */
function columns(buffer: ArrayBufferLike, count: number) {
  const wordsAt = (i: number): Uint32Array => new Uint32Array(buffer, count * (16 + 4 * i), count);
  return {
    seqs: new Float64Array(buffer, 0, count),
    times: new Float64Array(buffer, count * 8, count),
    plainEnds: wordsAt(0),
    fullEnds: wordsAt(1),
    origins: wordsAt(2),
    levels: wordsAt(3),
  };
}

/** Lines of one resource, ascending by seq. */
export function encodeBlock(lines: readonly LogLine[]): Buffer {
  const full = joined(lines.map(({ text }) => text));
  const hasColours = full.text.includes('\x1b');
  const plain = hasColours ? joined(lines.map(({ text }) => withoutColours(text))) : full;
  const meta = new ArrayBuffer(lines.length * perLine);
  const column = columns(meta, lines.length);
  column.plainEnds.set(plain.ends);
  column.fullEnds.set(full.ends);
  const indexOf = originIndex();
  lines.forEach((line, i) => {
    column.seqs[i] = line.seq;
    column.times[i] = line.at;
    column.origins[i] = indexOf.of(line);
    column.levels[i] = levels.indexOf(line.level);
  });
  const isPlainWide = isWide(plain.text);
  const isFullWide = hasColours && isWide(full.text);
  const plainBytes = bytesOf(plain.text, isPlainWide);
  const fullBytes = bytesOf(hasColours ? full.text : '', isFullWide);
  const origins = Buffer.from(JSON.stringify(indexOf.all));
  const sizes = [lines.length, plainBytes.length, fullBytes.length, origins.length, +isPlainWide, +isFullWide];
  return Buffer.concat([
    Buffer.from(Uint32Array.from(sizes).buffer),
    Buffer.from(meta),
    plainBytes,
    fullBytes,
    origins,
  ]);
}

function originIndex() {
  const all: LogOrigin[] = [];
  const indices = new Map<string, number>();
  return {
    all,
    of: ({ resource, source, pod, container, run }: LogOrigin): number => {
      const key = `${source}\n${pod}\n${container}\n${run}`;
      const known = indices.get(key);
      if (known !== undefined) return known;
      indices.set(key, all.length);
      return all.push({ resource, source, pod, container, run }) - 1;
    },
  };
}

export function decodeBlock(bytes: Buffer): Block {
  const sizes = [0, 1, 2, 3, 4, 5].map((i) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(i * 4, true));
  const [count, plainSize, fullSize, , isPlainWide, isFullWide] = sizes as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const plainAt = header + count * perLine;
  const fullAt = plainAt + plainSize;
  // Copied, as typed arrays must begin at a multiple of eight.
  const column = columns(new Uint8Array(bytes.subarray(header, plainAt)).buffer, count);
  const text = textOf(bytes.subarray(plainAt, fullAt), isPlainWide === 1);
  let full: string | null = null;
  let origins: readonly LogOrigin[] | null = null;
  const fullText = (): string => {
    full ??= fullSize > 0 ? textOf(bytes.subarray(fullAt, fullAt + fullSize), isFullWide === 1) : text;
    return full;
  };
  const originsAt = fullAt + fullSize;
  const about = (i: number): Omit<LogLine, 'text'> => {
    origins ??= JSON.parse(bytes.toString('utf8', originsAt, originsAt + (sizes[3] as number))) as LogOrigin[];
    return {
      ...(origins[column.origins[i] as number] as LogOrigin),
      seq: column.seqs[i] as number,
      at: column.times[i] as number,
      level: levels[column.levels[i] as number] as LogLevel,
    };
  };
  const ends = column.fullEnds;
  return {
    text,
    ends: column.plainEnds,
    count,
    seq: (i) => column.seqs[i] as number,
    about,
    whole: fullText,
    line: (i) => ({ ...about(i), text: fullText().slice(i === 0 ? 0 : (ends[i - 1] as number) + 1, ends[i]) }),
  };
}
