// Asks again and again whether something is in reach, and tells only when the answer changes.

import {
  asyncScheduler,
  defer,
  EMPTY,
  from,
  Observable,
  type ObservableInput,
  type SchedulerLike,
  Subscription,
} from 'rxjs';
import { backoff } from './backoff.ts';

export interface HeartbeatOptions<T> {
  readonly check: (stop: AbortSignal) => Promise<T>;
  /** ms between checks while all is well with what was reached. */
  readonly everyMs: (value: T) => number;
  /** First pause after a failure, and the longest after such a one. */
  readonly firstMs: number;
  readonly maxMs: (error: unknown) => number;
  /** Watches over what was reached: its error is a failure found between two checks. */
  readonly watch?: (value: T) => ObservableInput<unknown>;
}

export type Beat<T> =
  | { readonly is: 'ok'; readonly value: T }
  | { readonly is: 'failed'; readonly error: unknown; readonly pauseMs: number };

/** `ok` when it became reachable, `failed` at each failed check with the pause until the next. Never ends by itself. */
export function heartbeat<T>(
  options: HeartbeatOptions<T>,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<Beat<T>> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    let wasOk = false;
    let failures = 0;
    let watching = Subscription.EMPTY;
    // The check that is under way, or the pause before it: one at a time.
    let turn = Subscription.EMPTY;
    const again = (ms: number): void => {
      turn.unsubscribe();
      turn = scheduler.schedule(check, ms);
    };
    const failed = (error: unknown): void => {
      wasOk = false;
      watching.unsubscribe();
      const pauseMs = backoff(failures++, options.firstMs, options.maxMs(error));
      subscriber.next({ is: 'failed', error, pauseMs });
      again(pauseMs);
    };
    const ok = (value: T): void => {
      failures = 0;
      if (!wasOk) {
        wasOk = true;
        subscriber.next({ is: 'ok', value });
        watching = from(options.watch?.(value) ?? EMPTY).subscribe({ error: failed });
      }
      if (wasOk) again(options.everyMs(value));
    };
    const check = (): void => {
      turn = defer(() => from(options.check(stop.signal))).subscribe({ next: ok, error: failed });
    };
    check();
    return () => {
      stop.abort();
      turn.unsubscribe();
      watching.unsubscribe();
    };
  });
}
