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

class Segments implements SpillFile {
  private readonly path: string;
  private readonly onTrouble: (error: Error | null) => void;
  private readonly most: number;
  private readonly makeDir: () => void;
  blocks: Spilled[] = [];
  private segments: Segment[] = [];
  private names = 0;
  /** Bytes that wait to be written. */
  private queued = 0;
  /** When it last failed, on the clock of `performance`. */
  private failedAt: number | null = null;
  // Writes follow one another; the chain never rejects.
  private writing: Promise<void> = Promise.resolve();

  constructor(path: string, onTrouble: (error: Error | null) => void, most: number, makeDir: () => void) {
    this.path = path;
    this.onTrouble = onTrouble;
    this.most = most;
    this.makeDir = makeDir;
  }

  append(lines: readonly LogLine[]): void {
    const isTooSoon = this.failedAt !== null && performance.now() - this.failedAt < limits.spillRetryMs;
    if (isTooSoon || this.queued > limits.spillQueueBytes) return;
    const bytes = encodeBlock(lines);
    const block = {
      firstSeq: (lines[0] as LogLine).seq,
      lastSeq: (lines.at(-1) as LogLine).seq,
      count: lines.length,
      size: bytes.length,
      bytes,
      ...this.place(bytes.length),
    };
    this.blocks.push(block);
    this.queued += bytes.length;
    this.queue(() => this.write(block));
  }

  read(block: Spilled): Promise<Buffer | null> {
    return bytesOf(block).catch(() => null);
  }

  rewrite(change: (text: string) => string): void {
    this.queue(() => this.rewriteAll(change));
  }

  async close(): Promise<void> {
    this.queue(async () => {
      await Promise.all(this.segments.map(remove));
      this.segments = [];
      this.blocks = [];
    });
    await this.writing;
  }

  private queue(step: () => Promise<void>): void {
    this.writing = this.writing.then(step).catch((error: Error) => {
      if (this.failedAt === null) this.onTrouble(error);
      this.failedAt = performance.now();
    });
  }

  private segment(): Segment {
    const path = `${this.path}.${this.names++}`;
    const file = opened(path, this.makeDir);
    file.catch(() => {});
    return { path, file, size: 0, isBroken: false };
  }

  private place(size: number): { segment: Segment; offset: number } {
    let current = this.segments.at(-1);
    if (!current || current.isBroken || current.size + size > this.most / 2) {
      current = this.segment();
      this.segments.push(current);
    }
    if (this.segments.length > 2) {
      const oldest = this.segments.shift() as Segment;
      this.blocks = this.blocks.filter((block) => block.segment !== oldest);
      this.queue(() => remove(oldest));
    }
    const offset = current.size;
    current.size += size;
    return { segment: current, offset };
  }

  private async write(block: Spilled): Promise<void> {
    const bytes = block.bytes as Buffer;
    try {
      // A full disk stays full for a while: what waits is lost as well, and the memory it holds is given back.
      if (block.segment.isBroken) throw new Error('not written');
      const { bytesWritten } = await (await block.segment.file).write(bytes, 0, bytes.length, block.offset);
      if (bytesWritten < bytes.length) throw new Error('no space left on device');
      if (this.failedAt !== null) this.onTrouble(null);
      this.failedAt = null;
    } catch (error) {
      block.segment.isBroken = true;
      this.blocks = this.blocks.filter((other) => other !== block);
      throw error;
    } finally {
      this.queued -= bytes.length;
      block.bytes = null;
    }
  }

  private async rewriteAll(change: (text: string) => string): Promise<void> {
    for (const block of this.blocks.slice()) {
      const decoded = decodeBlock(await bytesOf(block));
      if (change(decoded.whole()) === decoded.whole()) continue;
      const lines = Array.from({ length: decoded.count }, (_, i) => decoded.line(i));
      const changed = lines.map((line) => ({ ...line, text: change(line.text) }));
      if (changed.some((line, i) => line.text !== lines[i]?.text)) await move(block, changed);
    }
  }
}

async function remove({ path, file }: Segment): Promise<void> {
  await (await file.catch(() => null))?.close();
  await rm(path, { force: true });
}

async function bytesOf(block: Spilled): Promise<Buffer> {
  if (block.bytes) return block.bytes;
  const { offset, size } = block;
  const bytes = Buffer.allocUnsafe(size);
  const { bytesRead } = await (await block.segment.file).read(bytes, 0, size, offset);
  // Moved while it was read: what came may be blanks.
  if (block.offset !== offset) return bytesOf(block);
  if (bytesRead < size) throw new Error(`${block.segment.path}: shorter than written`);
  return bytes;
}

/** The changed copy goes to the end, then the old place is blanked: a reader never sees half of either. */
async function move(block: Spilled, lines: readonly LogLine[]): Promise<void> {
  const { offset, size, segment } = block;
  const bytes = encodeBlock(lines);
  const file = await segment.file;
  const end = segment.size;
  segment.size += bytes.length;
  await file.write(bytes, 0, bytes.length, end);
  Object.assign(block, { offset: end, size: bytes.length });
  await file.write(Buffer.alloc(size), 0, size, offset);
}

/** `path` begins the file names, `most` bounds their size in bytes; nothing is made before the first lines come, and then `makeDir` first. */
export const spillFile = (
  path: string,
  onTrouble: (error: Error | null) => void,
  most: number = limits.spillBytes,
  makeDir: () => void = () => {},
): SpillFile => new Segments(path, onTrouble, most, makeDir);
