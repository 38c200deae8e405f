// switchMap for work that takes time to stop: the stale run is asked to stop and waited for before the newest one starts.
import { Observable, type Subscription } from 'rxjs';

/**
 * At most one inner run and one waiting value, the newest. `abort`: a new value raises the run's AbortSignal and waits for
 * its completion, keeping what it still emits; `finish`: the run is let end. Source completion drains, unsubscribing drops.
 */
export function switchMapAfterStop<T, R>(
  run: (value: T, stop: AbortSignal) => Observable<R>,
  mode: 'abort' | 'finish' = 'abort',
): (source: Observable<T>) => Observable<R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      let inner: Subscription | null = null;
      let stop: AbortController | null = null;
      let waiting: { value: T } | null = null;
      let isSourceDone = false;

      const start = (value: T): void => {
        const mine = new AbortController();
        stop = mine;
        let isOver = false;
        const over = (): void => {
          isOver = true;
          inner = null;
          stop = null;
          next();
        };
        let runs: Observable<R>;
        try {
          runs = run(value, mine.signal);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        const started = runs.subscribe({
          next: (result) => subscriber.next(result),
          error: (error) => subscriber.error(error),
          complete: over,
        });
        if (!isOver) inner = started;
      };
      const next = (): void => {
        if (waiting) {
          const { value } = waiting;
          waiting = null;
          start(value);
        } else if (isSourceDone) subscriber.complete();
      };
      const outer = source.subscribe({
        next: (value) => {
          if (!stop) return start(value);
          waiting = { value };
          if (mode === 'abort') stop.abort();
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          isSourceDone = true;
          if (!stop && !waiting) subscriber.complete();
        },
      });
      return () => {
        outer.unsubscribe();
        waiting = null;
        // Dropping is final, but who only listens to the signal must hear of it too.
        stop?.abort();
        inner?.unsubscribe();
      };
    });
}
