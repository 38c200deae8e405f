// The whole log as pieces in the order of their first line: blocks on disk and slices of the memory, searched alike.
import { setImmediate as turn } from 'node:timers/promises';
import { limits } from '../model/limits.ts';
import type { LogFilter, LogLine } from '../model/log.ts';
import { withoutColours } from './ansi.ts';
import { decodeBlock } from './block.ts';
import { acceptsOf } from './filter.ts';
import { joined, type Lines, linePattern } from './pattern.ts';
import type { Ring } from './ring.ts';
import type { Scrub } from './scrub.ts';
import type { SpillFile } from './spill.ts';

/** One resource's log. */
export interface Shelf {
  readonly ring: Ring;
  readonly spill: SpillFile | null;
}

export interface Piece {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Null when it was dropped meanwhile. */
  open(): Promise<Opened | null> | Opened;
}

interface Opened extends Lines {
  readonly count: number;
  seq(i: number): number;
  about(i: number): Omit<LogLine, 'text'>;
  line(i: number): LogLine;
}

/** Ascending by first line; pieces of different resources overlap. `scrub` covers what on disk is not yet rewritten. */
export function piecesOf(shelves: Iterable<Shelf>, scrub: Scrub): Piece[] {
  const pieces: Piece[] = [];
  for (const { ring, spill } of shelves) {
    for (const block of spill?.blocks ?? []) {
      const open = async (): Promise<Opened | null> => {
        const bytes = await spill?.read(block);
        return bytes ? scrubbed(decodeBlock(bytes), scrub) : null;
      };
      pieces.push({ firstSeq: block.firstSeq, lastSeq: block.lastSeq, open });
    }
    for (let from = 0; from < ring.lines.length; from += limits.logBlockLines) {
      const lines = ring.lines.slice(from, from + limits.logBlockLines);
      pieces.push({
        firstSeq: (lines[0] as LogLine).seq,
        lastSeq: (lines.at(-1) as LogLine).seq,
        open: () => opened(lines),
      });
    }
  }
  return pieces.sort((a, b) => a.firstSeq - b.firstSeq);
}

const scrubbed = (block: Opened, scrub: Scrub): Opened => ({
  ...block,
  line: (i) => {
    const line = block.line(i);
    return { ...line, text: scrub(line.text) };
  },
});

export const opened = (lines: readonly LogLine[]): Opened => ({
  ...joined(lines.map(({ text }) => withoutColours(text))),
  count: lines.length,
  seq: (i) => (lines[i] as LogLine).seq,
  about: (i) => lines[i] as LogLine,
  line: (i) => lines[i] as LogLine,
});

/** Opened lines → indices of those that a filter lets through, ascending. */
export function choice(filter: LogFilter): (lines: Opened) => readonly number[] {
  const accepts = acceptsOf(filter);
  const pattern = filter.pattern ? linePattern(filter.pattern) : null;
  return (lines) => {
    const indices = pattern ? pattern.matches(lines) : Array.from({ length: lines.count }, (_, i) => i);
    return accepts ? indices.filter((i) => accepts(lines.about(i))) : indices;
  };
}

/** Gives the event loop a turn whenever `limits.searchSliceMs` have passed; rejects when `stop` aborts. */
export function breather(stop: AbortSignal): () => Promise<void> | void {
  let since = performance.now();
  return () => {
    stop.throwIfAborted();
    if (performance.now() - since < limits.searchSliceMs) return;
    return turn().then(() => {
      since = performance.now();
    });
  };
}
