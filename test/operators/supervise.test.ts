import { concat, defer, type SchedulerLike, type Subscription, throwError, timer, VirtualTimeScheduler } from 'rxjs';
import { expect, it } from 'vitest';
import { supervise } from '../../src/operators/supervise.ts';
import { scheduler } from './marbles.ts';

const options = { firstMs: 2, maxMs: 8, healthyMs: 50, onRecovery: () => {} };

it('starts again after an error with a growing, bounded pause', () => {
  const pauses: number[] = [];
  scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('a#');
    const result = source.pipe(supervise({ ...options, onFailure: (_error, pauseMs) => pauses.push(pauseMs) }));
    expectObservable(result, '^----------------------------!').toBe('a--a----a--------a--------a--');
    expectSubscriptions(source.subscriptions).toBe([
      '^!',
      '---^!',
      '--------^!',
      '-----------------^!',
      '--------------------------^!',
    ]);
  });
  expect(pauses).toEqual([2, 4, 8, 8, 8]);
});

it('health forgets its past, and is told once', () => {
  const pauses: number[] = [];
  let recoveries = 0;
  const onRecovery = () => {
    recoveries++;
  };
  scheduler().run(({ expectObservable }) => {
    let n = 0;
    const source = defer(() =>
      ++n === 3
        ? concat(
            timer(60),
            throwError(() => new Error('late')),
          )
        : throwError(() => new Error('early')),
    );
    expectObservable(
      source.pipe(supervise({ ...options, onRecovery, onFailure: (_error, pauseMs) => pauses.push(pauseMs) })),
      '^ 70ms !',
    ).toBe('66ms a', { a: 0 });
  });
  expect(pauses.slice(0, 3)).toEqual([2, 4, 2]);
  expect(recoveries).toBe(1);
});

it('completion goes through', () => {
  scheduler().run(({ cold, expectObservable }) => {
    expectObservable(cold('-a|').pipe(supervise({ ...options, onFailure: () => {} }))).toBe('-a|');
  });
});

it('a thousand failures leave no more behind than one', () => {
  const virtual = new VirtualTimeScheduler(undefined, 10_000);
  const made: Subscription[] = [];
  const counted: SchedulerLike = {
    now: () => virtual.now(),
    schedule: (work, delay, state) => {
      const scheduled = virtual.schedule(work as never, delay, state as never);
      made.push(scheduled);
      return scheduled;
    },
  };
  let failures = 0;
  const watching = throwError(() => new Error('no'))
    .pipe(supervise({ ...options, onFailure: () => failures++ }, counted))
    .subscribe();
  virtual.flush();
  expect(failures).toBeGreaterThan(1_000);
  expect(made.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(1);
  watching.unsubscribe();
  expect(made.filter(({ closed }) => !closed)).toEqual([]);
});
