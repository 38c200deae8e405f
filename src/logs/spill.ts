// Older lines of one resource on disk: two segments, so that the oldest half can go when the bound is reached.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { limits } from '../model/limits.ts';
import type { LogLine } from '../model/log.ts';
import { decodeBlock, encodeBlock } from './block.ts';

/** One block and where it is. `bytes` until it has been written. */
export interface Spilled {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  bytes: Buffer | null;
  readonly segment: Segment;
  offset: number;
  size: number;
}

interface Segment {
  readonly path: string;
  readonly file: Promise<FileHandle>;
  size: number;
  /** Something could not be written to it: nothing more is. */
  isBroken: boolean;
}

export interface SpillFile {
  /** Ascending by seq. */
  readonly blocks: readonly Spilled[];
  /**
   * Takes lines that are newer than all before. Never fails: what cannot be written is lost, `onTrouble` hears of it once, and
   * of null when it can be again, which is tried every limits.spillRetryMs.
   */
  append(lines: readonly LogLine[]): void;
  /** The bytes of a block, or null when it has been dropped meanwhile. */
  read(block: Spilled): Promise<Buffer | null>;
  /** Writes everything anew with changed texts, where any text changes. */
  rewrite(change: (text: string) => string): void;
  /** After what was appended has been written, removes the files. */
  close(): Promise<void>;
}

/** A file that was not there: nothing is written through a link. */
async function opened(name: string, makeDir: () => void): Promise<FileHandle> {
  makeDir();
  return open(name, 'wx+', 0o600);
}

/** `path` begins the file names, `most` bounds their size in bytes; nothing is made before the first lines come, and then `makeDir` first. */
export function spillFile(
  path: string,
  onTrouble: (error: Error | null) => void,
  most: number = limits.spillBytes,
  makeDir: () => void = () => {},
): SpillFile {
  let blocks: Spilled[] = [];
  let segments: Segment[] = [];
  let names = 0;
  let queued = 0;
  /** When it last failed, on the clock of `performance`. */
  let failedAt: number | null = null;
  // Writes follow one another; the chain never rejects.
  let writing: Promise<void> = Promise.resolve();
  const then = (step: () => Promise<void>): void => {
    writing = writing.then(step).catch((error: Error) => {
      if (failedAt === null) onTrouble(error);
      failedAt = performance.now();
    });
  };
  const segment = (): Segment => {
    const name = `${path}.${names++}`;
    const file = opened(name, makeDir);
    file.catch(() => {});
    return { path: name, file, size: 0, isBroken: false };
  };
  const remove = async ({ path: name, file }: Segment): Promise<void> => {
    await (await file.catch(() => null))?.close();
    await rm(name, { force: true });
  };
  const place = (size: number): { segment: Segment; offset: number } => {
    let current = segments.at(-1);
    if (!current || current.isBroken || current.size + size > most / 2) {
      current = segment();
      segments.push(current);
    }
    if (segments.length > 2) {
      const oldest = segments.shift() as Segment;
      blocks = blocks.filter((block) => block.segment !== oldest);
      then(() => remove(oldest));
    }
    const offset = current.size;
    current.size += size;
    return { segment: current, offset };
  };
  const write = async (block: Spilled): Promise<void> => {
    const bytes = block.bytes as Buffer;
    try {
      // A full disk stays full for a while: what waits is lost as well, and the memory it holds is given back.
      if (block.segment.isBroken) throw new Error('not written');
      const { bytesWritten } = await (await block.segment.file).write(bytes, 0, bytes.length, block.offset);
      if (bytesWritten < bytes.length) throw new Error('no space left on device');
      if (failedAt !== null) onTrouble(null);
      failedAt = null;
    } catch (error) {
      block.segment.isBroken = true;
      blocks = blocks.filter((other) => other !== block);
      throw error;
    } finally {
      queued -= bytes.length;
      block.bytes = null;
    }
  };
  const append = (lines: readonly LogLine[]): void => {
    const isTooSoon = failedAt !== null && performance.now() - failedAt < limits.spillRetryMs;
    if (isTooSoon || queued > limits.spillQueueBytes) return;
    const bytes = encodeBlock(lines);
    const block = {
      firstSeq: (lines[0] as LogLine).seq,
      lastSeq: (lines.at(-1) as LogLine).seq,
      count: lines.length,
      size: bytes.length,
      bytes,
      ...place(bytes.length),
    };
    blocks.push(block);
    queued += bytes.length;
    then(() => write(block));
  };
  const bytesOf = async (block: Spilled): Promise<Buffer> => {
    if (block.bytes) return block.bytes;
    const { offset, size } = block;
    const bytes = Buffer.allocUnsafe(size);
    const { bytesRead } = await (await block.segment.file).read(bytes, 0, size, offset);
    // Moved while it was read: what came may be blanks.
    if (block.offset !== offset) return bytesOf(block);
    if (bytesRead < size) throw new Error(`${block.segment.path}: shorter than written`);
    return bytes;
  };
  /** The changed copy goes to the end, then the old place is blanked: a reader never sees half of either. */
  const move = async (block: Spilled, lines: readonly LogLine[]): Promise<void> => {
    const { offset, size, segment: inside } = block;
    const bytes = encodeBlock(lines);
    const file = await inside.file;
    const end = inside.size;
    inside.size += bytes.length;
    await file.write(bytes, 0, bytes.length, end);
    Object.assign(block, { offset: end, size: bytes.length });
    await file.write(Buffer.alloc(size), 0, size, offset);
  };
  const rewriteAll = async (change: (text: string) => string): Promise<void> => {
    for (const block of blocks.slice()) {
      const decoded = decodeBlock(await bytesOf(block));
      if (change(decoded.whole()) === decoded.whole()) continue;
      const lines = Array.from({ length: decoded.count }, (_, i) => decoded.line(i));
      const changed = lines.map((line) => ({ ...line, text: change(line.text) }));
      if (changed.some((line, i) => line.text !== lines[i]?.text)) await move(block, changed);
    }
  };
  return {
    get blocks() {
      return blocks;
    },
    append,
    read: (block) => bytesOf(block).catch(() => null),
    rewrite: (change) => then(() => rewriteAll(change)),
    close: async () => {
      then(async () => {
        await Promise.all(segments.map(remove));
        segments = [];
        blocks = [];
      });
      await writing;
    },
  };
}
