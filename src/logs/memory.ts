// Reading what is in memory, at once: lines of several resources merged by seq, a heap of one cursor per resource.
import { limits } from '../model/limits.ts';
import type { LogFilter, LogLine, LogWindow } from '../model/log.ts';
import { isProblemError, type Problem } from '../model/problems/problem.ts';
import { acceptsOf } from './filter.ts';
import { choice, opened, type Shelf } from './pieces.ts';

type Direction = 'forward' | 'back';

interface Cursor {
  readonly lines: readonly LogLine[];
  index: number;
}

/** Lines put to a filter at a time. */
const batch = 256;

/** `count` lines that pass from `seq` (included) on, oldest first, whichever direction. */
export function readMemory(
  shelves: readonly Shelf[],
  filter: LogFilter,
  seq: number,
  count: number,
  direction: Direction,
): LogWindow {
  const merge = merged(shelves, seq, direction);
  const { lines, isMore, ...told } = collect(merge, filter, count);
  const isSpilled = shelves.some(({ spill }) => (spill?.blocks.length ?? 0) > 0);
  if (direction === 'forward')
    return {
      lines,
      before: isSpilled || shelves.some(({ ring }) => (ring.lines[0]?.seq ?? seq) < seq),
      after: isMore,
      ...told,
    };
  return {
    ...told,
    lines: lines.reverse(),
    before: isMore || isSpilled,
    after: shelves.some(({ ring }) => (ring.lines.at(-1)?.seq ?? seq) > seq),
  };
}

interface Collected {
  readonly lines: LogLine[];
  readonly isMore: boolean;
  readonly problem?: Problem;
}

/** A pattern that takes too long, or so many lines that the time is up, ends the collecting early: there may be more. */
function collect(merge: () => LogLine | null, filter: LogFilter, count: number): Collected {
  const isPlain = !filter.pattern && acceptsOf(filter) === null;
  const choose = choice(filter);
  const until = performance.now() + limits.filterMs;
  const lines: LogLine[] = [];
  try {
    for (;;) {
      const next = take(merge, isPlain ? Math.max(1, count + 1 - lines.length) : batch);
      if (next.length === 0) return { lines, isMore: false };
      for (const i of choose(opened(next))) {
        if (lines.length === count) return { lines, isMore: true };
        lines.push(next[i] as LogLine);
      }
      if (performance.now() > until) return { lines, isMore: true };
    }
  } catch (error) {
    if (isProblemError(error)) return { lines, isMore: true, problem: error.problem };
    throw error;
  }
}

function take(merge: () => LogLine | null, most: number): LogLine[] {
  const lines: LogLine[] = [];
  while (lines.length < most) {
    const line = merge();
    if (!line) break;
    lines.push(line);
  }
  return lines;
}

function merged(shelves: readonly Shelf[], seq: number, direction: Direction): () => LogLine | null {
  const step = direction === 'forward' ? 1 : -1;
  const from = (shelf: Shelf): number => (step === 1 ? shelf.ring.indexOf(seq) : shelf.ring.indexOf(seq + 1) - 1);
  const cursors = shelves.map((shelf): Cursor => ({ lines: shelf.ring.lines, index: from(shelf) }));
  const heap = cursors.filter(({ lines, index }) => index >= 0 && index < lines.length);
  const key = (i: number): number => step * ((heap[i] as Cursor).lines[(heap[i] as Cursor).index] as LogLine).seq;
  const sink = (i: number): void => {
    for (let at = i; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && key(child) < key(least)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as Cursor, heap[at] as Cursor];
      at = least;
    }
  };
  for (let i = heap.length >> 1; i >= 0; i--) if (heap.length > 0) sink(i);
  return () => {
    const top = heap[0];
    if (!top) return null;
    const line = top.lines[top.index] as LogLine;
    top.index += step;
    if (top.index < 0 || top.index >= top.lines.length) {
      const last = heap.pop() as Cursor;
      if (heap.length > 0) heap[0] = last;
    }
    sink(0);
    return line;
  };
}
