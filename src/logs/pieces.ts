// The whole log as pieces in the order of their first line: blocks on disk and slices of the memory, searched alike.
import { setImmediate as turn } from 'node:timers/promises';
import { limits } from '../model/limits.ts';
import type { LogFilter, LogLine } from '../model/log.ts';
import { decodeBlock } from './block.ts';
import { acceptsOf } from './filter.ts';
import { withoutColours } from './lines/ansi.ts';
import { joined, type LinePattern, type Lines, linePattern } from './pattern.ts';
import type { Ring } from './ring.ts';
import type { Scrub } from './scrub/scrub.ts';
import type { SpillFile } from './spill.ts';

/** One resource's log. */
export interface Shelf {
  readonly ring: Ring;
  readonly spill: SpillFile | null;
}

export interface Piece {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly isOnDisk: boolean;
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
      pieces.push({ firstSeq: block.firstSeq, lastSeq: block.lastSeq, isOnDisk: true, open });
    }
    for (let from = 0; from < ring.lines.length; from += limits.logBlockLines) {
      const lines = ring.lines.slice(from, from + limits.logBlockLines);
      pieces.push({
        firstSeq: (lines[0] as LogLine).seq,
        lastSeq: (lines.at(-1) as LogLine).seq,
        isOnDisk: false,
        open: () => scrubbed(opened(lines), scrub),
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

/** One that took too long is known for it the next time. */
const patterns = new WeakMap<RegExp, LinePattern>();

export function patternOf(regex: RegExp): LinePattern {
  const pattern = patterns.get(regex) ?? linePattern(regex);
  patterns.set(regex, pattern);
  return pattern;
}

/** Opened lines → indices of those that a filter lets through, ascending. */
export function choice(filter: LogFilter): (lines: Opened) => readonly number[] {
  const accepts = acceptsOf(filter);
  const pattern = filter.pattern ? patternOf(filter.pattern) : null;
  return (lines) => {
    const indices = pattern ? pattern.matches(lines) : Array.from({ length: lines.count }, (_, i) => i);
    return accepts ? indices.filter((i) => accepts(lines.about(i))) : indices;
  };
}

/** Blocks on their way from the disk while one is searched. */
const readAhead = 4;

/** Pieces opened in their order, those on disk a few at a time; what was dropped meanwhile is left out. */
export async function* openedInTurn(pieces: readonly Piece[], stop: AbortSignal): AsyncGenerator<[Piece, Opened]> {
  const breathe = breather(stop);
  const coming: (Promise<Opened | null> | null)[] = [];
  for (const [i, piece] of pieces.entries()) {
    while (coming.length < readAhead && i + coming.length < pieces.length) {
      const next = pieces[i + coming.length] as Piece;
      coming.push(next.isOnDisk ? (next.open() as Promise<Opened | null>) : null);
    }
    await breathe();
    const lines = await (coming.shift() ?? piece.open());
    if (lines) yield [piece, lines];
  }
}

/** Gives the event loop a turn whenever `limits.searchSliceMs` have passed; rejects when `stop` aborts. */
function breather(stop: AbortSignal): () => Promise<void> | void {
  let since = performance.now();
  return () => {
    stop.throwIfAborted();
    if (performance.now() - since < limits.searchSliceMs) return;
    return turn().then(() => {
      since = performance.now();
    });
  };
}
