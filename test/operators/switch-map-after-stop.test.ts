import { fromEvent, ignoreElements, map, merge, mergeMap, Observable, of, race, take, timer } from 'rxjs';
import { expect, it } from 'vitest';
import { switchMapAfterStop } from '../../src/operators/switch-map-after-stop.ts';
import { scheduler } from './marbles.ts';

/** A run lasts 5 frames and needs 3 to stop; it says `x` at its start, `x ok` at its end, `x cancelled` once it has stopped. */
const run = (value: string, stop: AbortSignal): Observable<string> => {
  const ended$ = timer(5).pipe(map(() => `${value} ok`));
  const stopped$ = fromEvent(stop, 'abort').pipe(
    take(1),
    mergeMap(() => timer(3)),
    map(() => `${value} cancelled`),
  );
  return merge(of(value), race(ended$, stopped$));
};
/** The same, where asking to stop beats an end that would come while it stops. */
const stoppable = (value: string, stop: AbortSignal): Observable<string> => {
  const aborted$ = fromEvent(stop, 'abort').pipe(take(1));
  const ended$ = race(
    timer(5).pipe(map(() => of(`${value} ok`))),
    aborted$.pipe(map(() => timer(3).pipe(map(() => `${value} cancelled`)))),
  ).pipe(mergeMap((last$) => last$));
  return merge(of(value), ended$);
};

const names = { A: 'a', B: 'a cancelled', C: 'c', D: 'c ok', E: 'a ok' };

it('abort: the newest value runs after the stale run has stopped, one in the middle never starts', () => {
  scheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('    -a--b-c------|');
    expectObservable(source.pipe(switchMapAfterStop(stoppable))).toBe('-A-----(BC)-D|', names);
    expectSubscriptions(source.subscriptions).toBe('^------------!');
  });
});

it('finish: the run is let end, then the newest value runs', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('    -a--b-c------|');
    expectObservable(source.pipe(switchMapAfterStop(run, 'finish'))).toBe('-A----(EC)-D-|', names);
  });
});

it('completion of the source drains: the run that is under way is waited for', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('    -a-|');
    expectObservable(source.pipe(switchMapAfterStop(stoppable))).toBe('-A----(E|)', names);
  });
});

it('unsubscribing drops the run at once and tells it by its signal', () => {
  const signals: AbortSignal[] = [];
  scheduler().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
    const source = hot('    -a------|');
    const inner = cold('     x----y-|');
    const result = source.pipe(
      switchMapAfterStop((_value, stop) => {
        signals.push(stop);
        return inner;
      }),
    );
    expectObservable(result, '^---!').toBe('-x');
    expectSubscriptions(inner.subscriptions).toBe('-^--!');
  });
  expect(signals.map((signal) => signal.aborted)).toEqual([true]);
});

it('an error of a run or of the source goes through', () => {
  scheduler().run(({ hot, cold, expectObservable }) => {
    expectObservable(hot('-a--').pipe(switchMapAfterStop(() => cold('--#')))).toBe('---#');
    expectObservable(hot('-a#').pipe(switchMapAfterStop(() => cold('x--')))).toBe('-x#');
  });
});

it('never has two runs alive, whatever the rhythm of the source', () => {
  let alive = 0;
  let most = 0;
  scheduler().run(({ hot, expectObservable }) => {
    const counted = (value: string, stop: AbortSignal): Observable<string> =>
      new Observable<string>((subscriber) => {
        most = Math.max(most, ++alive);
        return stoppable(value, stop).subscribe({
          next: (it) => subscriber.next(it),
          complete: () => {
            alive--;
            subscriber.complete();
          },
        });
      });
    expectObservable(
      hot('abcabc-abc---a-b-c--abc----------|').pipe(switchMapAfterStop(counted), ignoreElements()),
    ).toBe('---------------------------------|');
  });
  expect(most).toBe(1);
  expect(alive).toBe(0);
});
