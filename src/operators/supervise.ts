// A feed that errors is started again alone, after a growing pause; health forgets its past.
import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';

export interface SuperviseOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Failures are forgotten after this long without one. */
  readonly healthyMs: number;
  /** Told of each failure with the pause in ms before the next start. */
  readonly onFailure: (error: unknown, pauseMs: number) => void;
  /** Told once it has run for `healthyMs` after a failure. */
  readonly onRecovery: () => void;
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
        let recovery: Subscription | null = null;
        if (failures > 0)
          recovery = scheduler.schedule(() => {
            failures = 0;
            options.onRecovery();
          }, options.healthyMs);
        if (recovery) all.add(recovery);
        const inner = source.subscribe({
          next: (value) => subscriber.next(value),
          complete: () => {
            recovery?.unsubscribe();
            subscriber.complete();
          },
          error: (error) => {
            recovery?.unsubscribe();
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
