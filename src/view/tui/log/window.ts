// Which lines of the log store stand in the pane, and where the pane goes when it scrolls. Memory is read at once, the
// spilled part only when memory does not have the place looked at.
import type { LogFilter, LogLine, LogReader, LogWindow } from '../../../model/log.ts';
import { type Anchor, type Effect, filterOf, type Model } from '../model.ts';
import { panesOf } from '../paint/panes.ts';
import { rowCount, textWidth } from './rows.ts';

/** Past any line there can be. */
const end = Number.MAX_SAFE_INTEGER;

export interface Reading {
  readonly lines: readonly LogLine[];
  /** The place is no longer in memory: read it from the spill with `readAll`. */
  readonly missing: boolean;
}

export const paneHeight = (model: Model): number => panesOf(model).logs.height;

/** Lines to draw now. */
export function readPane(model: Model, logs: LogReader): Reading {
  const height = paneHeight(model);
  const filter = filterOf(model);
  if (height <= 0) return { lines: [], missing: false };
  const anchor = model.log.anchor;
  if (!anchor) return { lines: lastRows(logs.tail(filter, height).lines, model, height), missing: false };
  const { lines } = logs.read(filter, anchor.seq, height + 1, 'forward');
  return { lines, missing: lines[0]?.seq !== anchor.seq && anchor.seq < logs.range.last };
}

/** Of lines that end at the bottom, those of which something is seen. */
function lastRows(lines: readonly LogLine[], model: Model, height: number): readonly LogLine[] {
  if (!model.log.wrap) return lines.slice(-height);
  const width = textWidth(model);
  let rows = 0;
  let from = lines.length;
  while (from > 0 && rows < height) rows += rowCount(lines[--from]!, model, width);
  return lines.slice(from);
}

/** Where the first row stands when `lines` fill the pane up to its bottom. */
function anchorAbove(lines: readonly LogLine[], model: Model, rows: number): Anchor {
  const width = textWidth(model);
  let left = rows;
  for (let i = lines.length - 1; i >= 0; i--) {
    const count = rowCount(lines[i]!, model, width);
    if (count >= left) return { seq: lines[i]!.seq, skip: count - left };
    left -= count;
  }
  return lines[0] ? { seq: lines[0].seq, skip: 0 } : null;
}

/** Reads on either side of a place: from memory, and from the spill where memory does not reach. */
export interface Reads {
  back(filter: LogFilter, seq: number, count: number): Promise<LogWindow>;
  forward(filter: LogFilter, seq: number, count: number): Promise<LogWindow>;
}

export const reads = (logs: LogReader, stop: AbortSignal): Reads => ({
  async back(filter, seq, count) {
    const inMemory = logs.read(filter, seq, count, 'back');
    const enough = inMemory.lines.length >= count || !inMemory.before;
    return enough ? inMemory : logs.readAll(filter, seq, count, 'back', stop);
  },
  async forward(filter, seq, count) {
    const inMemory = logs.read(filter, seq, count, 'forward');
    return inMemory.lines[0]?.seq === seq ? inMemory : logs.readAll(filter, seq, count, 'forward', stop);
  },
});

/** The anchor of what is shown now, also when it follows. */
export function anchorNow(model: Model, logs: LogReader): Anchor {
  if (model.log.anchor) return model.log.anchor;
  const height = paneHeight(model);
  return anchorAbove(logs.tail(filterOf(model), height).lines, model, height);
}

/** The anchor `rows` further up (negative) or down; null once the end is in sight. */
export async function scrolled(model: Model, logs: LogReader, rows: number, reads: Reads): Promise<Anchor> {
  const anchor = anchorNow(model, logs);
  if (!anchor || rows === 0) return anchor;
  return rows < 0 ? scrolledUp(model, anchor, -rows, reads) : scrolledDown(model, anchor, rows, reads);
}

async function scrolledUp(model: Model, anchor: NonNullable<Anchor>, rows: number, reads: Reads): Promise<Anchor> {
  if (anchor.skip >= rows) return { seq: anchor.seq, skip: anchor.skip - rows };
  const wanted = rows - anchor.skip;
  const above = await reads.back(filterOf(model), anchor.seq - 1, wanted);
  return anchorAbove(above.lines, model, wanted) ?? { seq: anchor.seq, skip: 0 };
}

async function scrolledDown(model: Model, anchor: NonNullable<Anchor>, rows: number, reads: Reads): Promise<Anchor> {
  const height = paneHeight(model);
  const { lines, after } = await reads.forward(filterOf(model), anchor.seq, height + rows + 1);
  const width = textWidth(model);
  const counts = lines.map((line) => rowCount(line, model, width));
  const total = counts.reduce((sum, count) => sum + count, 0) - anchor.skip;
  if (!after && total - rows <= height) return null;
  let left = anchor.skip + rows;
  for (const [i, count] of counts.entries()) {
    if (left < count) return { seq: lines[i]!.seq, skip: left };
    left -= count;
  }
  return null;
}

/** The anchor that shows line `seq` a third down the pane, or further down where less than that comes after it. */
export async function around(model: Model, seq: number, reads: Reads): Promise<Anchor> {
  const height = paneHeight(model);
  const width = textWidth(model);
  const below = await reads.forward(filterOf(model), seq, height);
  const follow = below.lines.reduce((sum, line) => sum + rowCount(line, model, width), 0);
  const rows = Math.max(Math.floor(height / 3), height - follow);
  const above = await reads.back(filterOf(model), seq - 1, Math.max(1, rows));
  return anchorAbove(above.lines, model, rows) ?? { seq, skip: 0 };
}

/** The very first line there is, spill included. */
export async function firstAnchor(model: Model, logs: LogReader, stop: AbortSignal): Promise<Anchor> {
  const { lines } = await logs.readAll(filterOf(model), 0, 1, 'forward', stop);
  return lines[0] ? { seq: lines[0].seq, skip: 0 } : null;
}

/** Where a search starts: at the match last found, else at the edge of what is shown. */
export function searchStart(model: Model, { what, direction, from }: Extract<Effect, { do: 'find' }>): number {
  const { search, error, lines, anchor } = model.log;
  const at = what === 'error' ? error : search?.at;
  if (from === 'here' && at != null) return at;
  if (direction === 'back') return anchor && from === 'here' ? (lines.at(-1)?.seq ?? end - 1) + 1 : end;
  return (lines[0]?.seq ?? 0) - 1;
}
