// One stream per key, each supervised alone: what breaks for one resource is told and tried again after a pause, and the
// others go on untouched.
import { defer, finalize, merge, Observable, type OperatorFunction, Subject } from 'rxjs';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import { problemOf } from '../model/problems/problem.ts';
import { eachKey } from '../operators/each-key.ts';
import { supervise } from '../operators/supervise.ts';

interface Clock {
  readonly now: () => number;
}

/** As `eachKey`; a lane that errors is `feed/failed` of `FEED/KEY`, starts again after a growing pause, and never ends the feed. */
export const lanes = <T>(
  feed: string,
  clock: Clock,
  make: (key: string, value$: Observable<T>) => Observable<Fact>,
): OperatorFunction<Readonly<Record<string, T>>, Fact> =>
  eachKey((key, value$) =>
    alone(
      `${feed}/${key.replaceAll('\n', ' ')}`,
      defer(() => make(key, value$)),
      clock,
    ),
  );

function alone(feed: string, lane$: Observable<Fact>, { now }: Clock): Observable<Fact> {
  return defer(() => {
    const told$ = new Subject<Fact>();
    let isFailing = false;
    const healthy = (): void => {
      if (isFailing) told$.next({ type: 'feed/healthy', feed });
      isFailing = false;
    };
    const supervised$ = lane$.pipe(
      supervise({
        firstMs: limits.feedRetryFirstMs,
        maxMs: limits.feedRetryMaxMs,
        healthyMs: limits.feedHealthyMs,
        onFailure: (error, pauseMs) => {
          isFailing = true;
          told$.next({ type: 'feed/failed', feed, problem: problemOf(error), retryAt: now() + pauseMs });
        },
        onRecovery: healthy,
      }),
      // Its key has gone: there is nothing left that could fail.
      finalize(() => {
        healthy();
        told$.complete();
      }),
    );
    return merge(told$, supervised$);
  });
}

/** What `select` makes of each state; where it throws, that is told once, and what it made before stands. */
export function selecting<S, T>(
  feed: string,
  select: (state: S) => T,
  use: (selected$: Observable<T>) => Observable<Fact>,
): OperatorFunction<S, Fact> {
  return (state$) =>
    defer(() => {
      const told$ = new Subject<Fact>();
      let fault: string | null = null;
      const selected$ = new Observable<T>((subscriber) =>
        state$.subscribe({
          next: (state) => {
            let selected: T;
            try {
              selected = select(state);
            } catch (error) {
              const problem = problemOf(error);
              if (problem.what !== fault) told$.next({ type: 'feed/failed', feed, problem, retryAt: null });
              fault = problem.what;
              return;
            }
            if (fault !== null) told$.next({ type: 'feed/healthy', feed });
            fault = null;
            subscriber.next(selected);
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
      return merge(told$, use(selected$).pipe(finalize(() => told$.complete())));
    });
}
