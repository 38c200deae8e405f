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
  replaceTexts(change: (text: string) => string): void;
}

/** Objects, headers and pointers of one line beside its text. */
const lineOverhead = 120;
export const sizeOf = (line: LogLine): number => line.text.length + lineOverhead;

export function ring(): Ring {
  let lines: LogLine[] = [];
  let bytes = 0;
  const takeOldest = (): readonly LogLine[] => {
    let count = 0;
    let size = 0;
    while (count < lines.length && count < limits.logBlockLines && size < limits.logBlockBytes)
      size += sizeOf(lines[count++] as LogLine);
    bytes -= size;
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
    replaceTexts: (change) => {
      lines = lines.map((line) => {
        const text = change(line.text);
        return text === line.text ? line : { ...line, text };
      });
      bytes = lines.reduce((sum, line) => sum + sizeOf(line), 0);
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
