// A feed that errors is started again alone, after a growing pause; health forgets its past.

import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { backoff } from './backoff.ts';

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
      let failures = 0;
      // One of each at a time, ended when the next begins: what is over is held by nobody.
      let inner = Subscription.EMPTY;
      let pause = Subscription.EMPTY;
      let recovery = Subscription.EMPTY;
      const start = (): void => {
        pause.unsubscribe();
        if (failures > 0)
          recovery = scheduler.schedule(() => {
            recovery.unsubscribe();
            failures = 0;
            options.onRecovery();
          }, options.healthyMs);
        let isOver = false;
        const over = (): void => {
          isOver = true;
          recovery.unsubscribe();
        };
        const started = source.subscribe({
          next: (value) => subscriber.next(value),
          complete: () => {
            over();
            subscriber.complete();
          },
          error: (error) => {
            over();
            const pauseMs = backoff(failures++, options.firstMs, options.maxMs);
            options.onFailure(error, pauseMs);
            if (!subscriber.closed) pause = scheduler.schedule(start, pauseMs);
          },
        });
        if (!isOver) inner = started;
        // Who listens may have gone while it was being subscribed.
        if (subscriber.closed) started.unsubscribe();
      };
      subscriber.add(() => {
        for (const open of [inner, pause, recovery]) open.unsubscribe();
      });
      start();
    });
}
