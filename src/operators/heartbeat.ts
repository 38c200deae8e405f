// Asks again and again whether something is in reach, and tells only when the answer changes.
import { asyncScheduler, defer, from, Observable, type SchedulerLike, Subscription } from 'rxjs';

export interface HeartbeatOptions<T> {
  readonly check: (stop: AbortSignal) => Promise<T>;
  /** ms between checks while all is well. */
  readonly everyMs: number;
  /** First and longest pause after a failure. */
  readonly firstMs: number;
  readonly maxMs: number;
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
    const all = new Subscription();
    const stop = new AbortController();
    let wasOk = false;
    let failures = 0;
    const again = (ms: number): void => {
      all.add(scheduler.schedule(check, ms));
    };
    const check = (): void => {
      all.add(
        defer(() => from(options.check(stop.signal))).subscribe({
          next: (value) => {
            failures = 0;
            if (!wasOk) subscriber.next({ is: 'ok', value });
            wasOk = true;
            again(options.everyMs);
          },
          error: (error) => {
            wasOk = false;
            const pauseMs = Math.min(options.maxMs, options.firstMs * 2 ** failures++);
            subscriber.next({ is: 'failed', error, pauseMs });
            again(pauseMs);
          },
        }),
      );
    };
    check();
    return () => {
      stop.abort();
      all.unsubscribe();
    };
  });
}
