// A stream that may be slow or go away, for views that write only while it takes more.
import type { Writable } from 'node:stream';
import { fromEvent, merge, type Observable, take, tap } from 'rxjs';

export interface Outlet {
  /** False from a write that filled the pipe until it has drained. */
  readonly isReady: boolean;
  write(text: string): void;
  /** What `act` writes leaves in one piece: what the system is given line by line costs it a call for each. */
  together<T>(act: () => T): T;
  /** The pipe takes more again. To be subscribed for as long as is written. */
  readonly ready$: Observable<unknown>;
  /** The reader has gone (`EPIPE`, closed: null), or writing failed. */
  readonly gone$: Observable<Error | null>;
  /** All that was written has left. Does not close the stream: it may be the process's own stdout. */
  flushed(then: () => void): void;
}

const quiet: ReadonlySet<string | undefined> = new Set([
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ECONNRESET',
]);

/** Stays deaf to errors after its view has ended: a write under way may fail later, and nobody would be left to hear it. */
export function outlet(out: NodeJS.WritableStream & Partial<Pick<Writable, 'cork' | 'uncork'>>): Outlet {
  let isReady = true;
  out.on('error', () => {});
  return {
    get isReady() {
      return isReady;
    },
    write: (text) => {
      isReady = out.write(text);
    },
    together: (act) => {
      out.cork?.();
      try {
        return act();
      } finally {
        out.uncork?.();
      }
    },
    ready$: fromEvent(out, 'drain').pipe(
      tap(() => {
        isReady = true;
      }),
    ),
    gone$: merge(
      fromEvent(out, 'error', asGone),
      fromEvent(out, 'close', () => null),
    ).pipe(take(1)),
    flushed: (then) => void out.write('', then),
  };
}

const asGone = (error: NodeJS.ErrnoException): Error | null => (quiet.has(error.code) ? null : error);
