// Bursts become batches: a timer runs only while something is held, so silence costs nothing.
import { asyncScheduler, Observable, type SchedulerLike, type Subscription } from 'rxjs';

export interface SettleTimes {
  /** ms of silence that end a batch. */
  readonly quietMs: number;
  /** ms after the first value at which the batch goes out whatever comes. */
  readonly maxMs: number;
}

interface Held<T> {
  readonly values: T[];
  /** Both end it. Two timers and no clock: what a clock says may be an hour later or earlier in the next moment. */
  readonly longest: Subscription;
  quiet: Subscription;
}

/**
 * Collects values and emits them as one array after `quietMs` without a new one, at the latest `maxMs` after the first.
 * `times` is asked at each value; values with other times make batches of their own. Completion emits what is held.
 */
export function settle<T>(
  times: (value: T) => SettleTimes,
  scheduler: SchedulerLike = asyncScheduler,
): (source: Observable<T>) => Observable<readonly T[]> {
  return (source) =>
    new Observable<readonly T[]>((subscriber) => {
      const batches = new Map<string, Held<T>>();
      const emit = (key: string): void => {
        const batch = batches.get(key);
        if (!batch) return;
        batches.delete(key);
        batch.quiet.unsubscribe();
        batch.longest.unsubscribe();
        subscriber.next(batch.values);
      };
      const add = (value: T): void => {
        const { quietMs, maxMs } = times(value);
        const key = `${quietMs}/${maxMs}`;
        const before = batches.get(key);
        before?.quiet.unsubscribe();
        const longest = before?.longest ?? scheduler.schedule(() => emit(key), maxMs);
        const quiet = scheduler.schedule(() => emit(key), Math.min(quietMs, maxMs));
        const values = before?.values ?? [];
        values.push(value);
        batches.set(key, { values, longest, quiet });
      };
      const outer = source.subscribe({
        next: add,
        error: (error) => subscriber.error(error),
        complete: () => {
          for (const key of [...batches.keys()]) emit(key);
          subscriber.complete();
        },
      });
      return () => {
        outer.unsubscribe();
        for (const { quiet, longest } of batches.values()) {
          quiet.unsubscribe();
          longest.unsubscribe();
        }
      };
    });
}
