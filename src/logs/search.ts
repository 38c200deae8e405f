// Reading and searching the whole log, what is on disk included, without holding up the event loop.
import type { LogFilter, LogLine, LogWindow } from '../model/log.ts';
import { choice, openedInTurn, type Piece, piecesOf, type Shelf } from './pieces.ts';
import type { Scrub } from './scrub/scrub.ts';

type Direction = 'forward' | 'back';

/** The `most` lines nearest to `seq` (included) that pass, in order of distance. */
async function nearest(
  pieces: readonly Piece[],
  filter: LogFilter,
  seq: number,
  most: number,
  direction: Direction,
  stop: AbortSignal,
): Promise<LogLine[]> {
  const isForward = direction === 'forward';
  const choose = choice(filter);
  const nearer = (a: LogLine, b: LogLine): number => (isForward ? a.seq - b.seq : b.seq - a.seq);
  const onWay = pieces.filter((piece) => (isForward ? piece.lastSeq >= seq : piece.firstSeq <= seq));
  if (!isForward) onWay.sort((a, b) => b.lastSeq - a.lastSeq);
  let found: LogLine[] = [];
  for await (const [piece, lines] of openedInTurn(onWay, stop)) {
    const furthest = found.length >= most ? (found[most - 1] as LogLine) : null;
    // No piece from here on has a line nearer than those found.
    if (furthest && (isForward ? piece.firstSeq > furthest.seq : piece.lastSeq < furthest.seq)) break;
    const chosen = choose(lines).filter((i) => (isForward ? lines.seq(i) >= seq : lines.seq(i) <= seq));
    const near = isForward ? chosen.slice(0, most) : chosen.slice(-most);
    if (near.length > 0) found = [...found, ...near.map((i) => lines.line(i))].sort(nearer).slice(0, most);
  }
  return found;
}

/** `count` lines that pass from `seq` (included) on, oldest first, whichever direction. */
export async function readPieces(
  shelves: readonly Shelf[],
  scrub: Scrub,
  filter: LogFilter,
  seq: number,
  count: number,
  direction: Direction,
  stop: AbortSignal,
): Promise<LogWindow> {
  const pieces = piecesOf(shelves, scrub);
  const found = await nearest(pieces, filter, seq, count + 1, direction, stop);
  const lines = found.slice(0, count);
  const isMore = found.length > count;
  if (direction === 'forward') return { lines, before: pieces.some((piece) => piece.firstSeq < seq), after: isMore };
  return { lines: lines.reverse(), before: isMore, after: pieces.some((piece) => piece.lastSeq > seq) };
}

export async function searchPieces(
  shelves: readonly Shelf[],
  scrub: Scrub,
  filter: LogFilter,
  seq: number,
  direction: Direction,
  stop: AbortSignal,
): Promise<LogLine | null> {
  const from = direction === 'forward' ? seq + 1 : seq - 1;
  return (await nearest(piecesOf(shelves, scrub), filter, from, 1, direction, stop))[0] ?? null;
}

/** How many lines pass, and the seqs of the newest `most` of them, ascending. */
export async function countPieces(
  shelves: readonly Shelf[],
  scrub: Scrub,
  filter: LogFilter,
  most: number,
  stop: AbortSignal,
): Promise<{ count: number; seqs: number[] }> {
  const choose = choice(filter);
  // Newest first: once there are enough, all others are only counted.
  const pieces = piecesOf(shelves, scrub).sort((a, b) => b.lastSeq - a.lastSeq);
  let count = 0;
  let seqs: number[] = [];
  let oldest = most > 0 ? -1 : Number.POSITIVE_INFINITY;
  for await (const [piece, lines] of openedInTurn(pieces, stop)) {
    const chosen = choose(lines);
    count += chosen.length;
    if (piece.lastSeq < oldest) continue;
    for (const i of chosen.slice(-most)) seqs.push(lines.seq(i));
    if (seqs.length < most + 1_000) continue;
    seqs = newest(seqs, most);
    oldest = seqs[0] as number;
  }
  return { count, seqs: newest(seqs, most) };
}

const newest = (seqs: readonly number[], most: number): number[] =>
  most > 0 ? [...Float64Array.from(seqs).sort().slice(-most)] : [];
