// Following: news over an open connection, as they come and as fast as they are read.
import { filter, firstValueFrom, fromEvent, merge, type Observable, timer } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { LogFilter, LogLine, LogReader, LogWindow } from '../../model/log.ts';
import { ProblemError } from '../../model/problems/problem.ts';

export type Followed = Pick<LogReader, 'lines$' | 'tail' | 'read' | 'readAll' | 'range'>;

/** Resolves when something comes, nothing more can come, or `stop` is aborted. */
const come = (source: Observable<unknown>, stop: AbortSignal): Promise<unknown> =>
  firstValueFrom(merge(source, fromEvent(stop, 'abort')), { defaultValue: null });

/**
 * The newest `tail` lines, then each line that comes, once and in order; nothing is read while nothing comes. Ends with the
 * log store, or when `stop` is aborted. Who takes a batch late gets a larger one next, from the disk if need be.
 */
export async function* followLogs(
  logs: Followed,
  filter: LogFilter,
  tail: number,
  stop: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  let isOver = false;
  const told = logs.lines$.subscribe({ complete: () => (isOver = true) });
  try {
    let next = logs.range.last + 1;
    yield sound(logs.tail(filter, tail)).lines;
    while (!stop.aborted) {
      const newest = logs.range.last;
      if (newest < next) {
        if (isOver) return;
        await come(logs.lines$, stop);
        // A burst is one answer.
        if (!isOver) await come(timer(limits.followMs), stop);
        continue;
      }
      const lines = await linesFrom(logs, filter, next, newest, stop);
      if (lines === null) return;
      const isAll = lines.length < limits.followLines;
      next = isAll ? newest + 1 : (lines[lines.length - 1] as LogLine).seq + 1;
      if (lines.length > 0) yield lines;
    }
  } finally {
    told.unsubscribe();
  }
}

/** Lines without those that match are no answer. Throws the problem of a window. */
export function sound(window: LogWindow): LogWindow {
  if (window.problem) throw new ProblemError(window.problem);
  return window;
}

/** What is just behind is in memory; what lies further back may have been moved to the disk. Null when it is to stop. */
async function linesFrom(
  logs: Followed,
  filter: LogFilter,
  next: number,
  newest: number,
  stop: AbortSignal,
): Promise<readonly LogLine[] | null> {
  const isNear = newest - next < limits.followLines;
  try {
    const { lines } = isNear
      ? sound(logs.read(filter, next, limits.followLines, 'forward'))
      : await logs.readAll(filter, next, limits.followLines, 'forward', stop);
    return lines.filter(({ seq }) => seq <= newest);
  } catch (error) {
    if (stop.aborted) return null;
    throw error;
  }
}

/** A state now, and again whenever it has become another one, limits.followMs apart at least. */
export async function* followState<S>(state$: Observable<S>, stop: AbortSignal): AsyncGenerator<S> {
  let newest: S | null = null;
  let isOver = false;
  const told = state$.subscribe({ next: (state) => (newest = state), complete: () => (isOver = true) });
  try {
    for (let last: S | null = null; !stop.aborted; ) {
      if (newest !== last) {
        last = newest;
        yield last as S;
        await come(timer(limits.followMs), stop);
      } else if (isOver) return;
      else await come(state$.pipe(filter((state) => state !== last)), stop);
    }
  } finally {
    told.unsubscribe();
  }
}
