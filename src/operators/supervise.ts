// A feed that errors is started again alone, after a growing pause; health forgets its past.
import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';

export interface SuperviseOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Failures are forgotten after this long without one. */
  readonly healthyMs: number;
  /** Told of each failure with the pause in ms before the next start. */
  readonly onFailure: (error: unknown, pauseMs: number) => void;
}

/** Mirrors the source; after an error it subscribes again, doubling the pause from `firstMs` to `maxMs`. Never errors. */
export function supervise<T>(
  options: SuperviseOptions,
  scheduler: SchedulerLike = asyncScheduler,
): (source: Observable<T>) => Observable<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      const all = new Subscription();
      let failures = 0;
      const start = (): void => {
        const startedAt = scheduler.now();
        const inner = source.subscribe({
          next: (value) => subscriber.next(value),
          complete: () => subscriber.complete(),
          error: (error) => {
            if (scheduler.now() - startedAt >= options.healthyMs) failures = 0;
            const pauseMs = Math.min(options.maxMs, options.firstMs * 2 ** failures++);
            options.onFailure(error, pauseMs);
            all.add(scheduler.schedule(start, pauseMs));
          },
        });
        all.add(inner);
      };
      start();
      return all;
    });
}
