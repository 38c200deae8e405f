// Bursts become batches: a timer runs only while something is held, so silence costs nothing.
import { asyncScheduler, Observable, type SchedulerLike, type Subscription } from 'rxjs';

export interface SettleTimes {
  /** ms of silence that end a batch. */
  readonly quietMs: number;
  /** ms after the first value at which the batch goes out whatever comes. */
  readonly maxMs: number;
}

/**
 * Collects values and emits them as one array after `quietMs` without a new one, at the latest `maxMs` after the first.
 * `times` is asked at each value; the shortest quiet time of the batch counts. Completion emits what is held.
 */
export function settle<T>(
  times: (value: T) => SettleTimes,
  scheduler: SchedulerLike = asyncScheduler,
): (source: Observable<T>) => Observable<readonly T[]> {
  return (source) =>
    new Observable<readonly T[]>((subscriber) => {
      let held: T[] = [];
      let quiet: Subscription | null = null;
      let due = Number.POSITIVE_INFINITY;
      const emit = (): void => {
        quiet?.unsubscribe();
        quiet = null;
        due = Number.POSITIVE_INFINITY;
        const batch = held;
        held = [];
        if (batch.length > 0) subscriber.next(batch);
      };
      const outer = source.subscribe({
        next: (value) => {
          held.push(value);
          const { quietMs, maxMs } = times(value);
          const now = scheduler.now();
          due = Math.min(due, now + maxMs);
          quiet?.unsubscribe();
          quiet = scheduler.schedule(emit, Math.max(0, Math.min(quietMs, due - now)));
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          emit();
          subscriber.complete();
        },
      });
      return () => {
        outer.unsubscribe();
        quiet?.unsubscribe();
      };
    });
}
