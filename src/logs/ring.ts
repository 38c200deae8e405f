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

export function ring(): Ring {
  const lines: LogLine[] = [];
  let bytes = 0;
  let change = (text: string): string => text;
  /** Lines before this index are still to be changed. */
  let unchanged = 0;
  const replace = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const line = lines[i] as LogLine;
      const text = change(line.text);
      if (text === line.text) continue;
      lines[i] = { ...line, text };
      bytes += text.length - line.text.length;
    }
  };
  const takeOldest = (): readonly LogLine[] => {
    let count = 0;
    let size = 0;
    replace(0, Math.min(unchanged, limits.logBlockLines));
    while (count < lines.length && count < limits.logBlockLines && size < limits.logBlockBytes)
      size += sizeOf(lines[count++] as LogLine);
    bytes -= size;
    unchanged = Math.max(0, unchanged - count);
    return lines.splice(0, count);
  };
  return {
    get lines() {
      return lines;
    },
    get bytes() {
      return bytes;
    },
    push: (line) => {
      lines.push(line);
      bytes += sizeOf(line);
    },
    // Beyond the bound by one block, so that lines leave a block at a time.
    overflow: () =>
      lines.length >= limits.logLinesPerResource + limits.logBlockLines ||
      bytes >= limits.logBytesPerResource + limits.logBlockBytes
        ? takeOldest()
        : [],
    oldest: takeOldest,
    indexOf: (seq) => lowerBound(lines, seq),
    replaceTexts: (next) => {
      change = next;
      unchanged = lines.length;
    },
    replaceSome: () => {
      // The newest first: they are on the screen.
      const from = Math.max(0, unchanged - slice);
      replace(from, unchanged);
      unchanged = from;
      return unchanged > 0;
    },
  };
}

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
