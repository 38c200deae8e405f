// The newest lines of one resource, in memory. What leaves it goes out in blocks, oldest first.
import { limits } from '../model/limits.ts';
import type { LogLine } from '../model/log.ts';

export interface Ring {
  readonly lines: readonly LogLine[];
  /** Estimated size in memory. */
  readonly bytes: number;
  push(line: LogLine): void;
  /** Lines beyond the bounds, to be spilled; empty while within them. */
  overflow(): readonly LogLine[];
  /** The oldest block, however full the ring is. */
  oldest(): readonly LogLine[];
  /** Index of the first line with this seq or a later one. */
  indexOf(seq: number): number;
  /** Every text held now is to be changed: what leaves is, what stays is when `replaceSome` comes to it. */
  replaceTexts(change: (text: string) => string): void;
  /** Changes a few hundred texts; false when none is left to change. */
  replaceSome(): boolean;
}

/** Objects, headers and pointers of one line beside its text. */
const lineOverhead = 120;
/** Lines changed at a time: one costs some µs. */
const slice = 256;
export const sizeOf = (line: LogLine): number => line.text.length + lineOverhead;

class LineRing implements Ring {
  readonly lines: LogLine[] = [];
  bytes = 0;
  private change = (text: string): string => text;
  /** Lines before this index are still to be changed. */
  private unchanged = 0;

  push(line: LogLine): void {
    this.lines.push(line);
    this.bytes += sizeOf(line);
  }

  // Beyond the bound by one block, so that lines leave a block at a time.
  overflow(): readonly LogLine[] {
    const isFull =
      this.lines.length >= limits.logLinesPerResource + limits.logBlockLines ||
      this.bytes >= limits.logBytesPerResource + limits.logBlockBytes;
    return isFull ? this.oldest() : nothing;
  }

  oldest(): readonly LogLine[] {
    const { lines } = this;
    let count = 0;
    let size = 0;
    this.replace(0, Math.min(this.unchanged, limits.logBlockLines));
    while (count < lines.length && count < limits.logBlockLines && size < limits.logBlockBytes)
      size += sizeOf(lines[count++] as LogLine);
    this.bytes -= size;
    this.unchanged = Math.max(0, this.unchanged - count);
    return lines.splice(0, count);
  }

  indexOf(seq: number): number {
    return lowerBound(this.lines, seq);
  }

  replaceTexts(change: (text: string) => string): void {
    this.change = change;
    this.unchanged = this.lines.length;
  }

  replaceSome(): boolean {
    // The newest first: they are on the screen.
    const from = Math.max(0, this.unchanged - slice);
    this.replace(from, this.unchanged);
    this.unchanged = from;
    return this.unchanged > 0;
  }

  private replace(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const line = this.lines[i] as LogLine;
      const text = this.change(line.text);
      if (text === line.text) continue;
      this.lines[i] = { ...line, text };
      this.bytes += text.length - line.text.length;
    }
  }
}

const nothing: readonly LogLine[] = [];

export const ring = (): Ring => new LineRing();

function lowerBound(lines: readonly LogLine[], seq: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as LogLine).seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
