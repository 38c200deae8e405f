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
  readonly due: number;
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
        subscriber.next(batch.values);
      };
      const add = (value: T): void => {
        const { quietMs, maxMs } = times(value);
        const key = `${quietMs}/${maxMs}`;
        const now = scheduler.now();
        const before = batches.get(key);
        before?.quiet.unsubscribe();
        const due = before?.due ?? now + maxMs;
        const values = before?.values ?? [];
        values.push(value);
        const quiet = scheduler.schedule(() => emit(key), Math.max(0, Math.min(quietMs, due - now)));
        batches.set(key, { values, due, quiet });
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
        for (const batch of batches.values()) batch.quiet.unsubscribe();
      };
    });
}
