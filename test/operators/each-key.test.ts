import { concat, endWith, ignoreElements, map, type Observable, timer } from 'rxjs';
import { expect, it } from 'vitest';
import { eachKey } from '../../src/operators/each-key.ts';
import { scheduler } from './marbles.ts';

const records = { a: { x: 1 }, b: { x: 1, y: 5 }, c: { x: 2, y: 5 }, d: { y: 5 }, n: {} };

it('makes one inner stream per key, told of each new value, ended when the key goes', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('-a-b-c-d-|', records);
    const result = source.pipe(
      eachKey((key, value$) =>
        value$.pipe(
          map((value) => `${key}${value}`),
          endWith(`${key} gone`),
        ),
      ),
    );
    expectObservable(result).toBe('-a-b-c-d-(e|)', { a: 'x1', b: 'y5', c: 'x2', d: 'x gone', e: 'y gone' });
  });
});

it('a key that returns while its old stream is still stopping waits for it', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('a-n-a------|', records);
    // Needs 5 frames after its key has gone.
    const slow = (key: string) => (value$: Observable<number>) =>
      concat(value$.pipe(map((value) => `${key}${value}`)), timer(5).pipe(map(() => `${key} stopped`)));
    const result = source.pipe(eachKey((key, value$: Observable<number>) => slow(key)(value$)));
    expectObservable(result).toBe('a------(ba)-----(b|)', { a: 'x1', b: 'x stopped' });
  });
});

it('a stream that ended by itself stays ended until its key goes', () => {
  let made = 0;
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('a-b-|', records);
    expectObservable(
      source.pipe(
        eachKey((key) => {
          if (key === 'x') made++;
          return timer(0).pipe(ignoreElements());
        }),
      ),
    ).toBe('----|');
  });
  expect(made).toBe(1);
});

it('unsubscribing drops every inner stream', () => {
  scheduler().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
    const inner = cold('------');
    expectObservable(hot('-b---', records).pipe(eachKey(() => inner)), '^--!').toBe('----');
    expectSubscriptions(inner.subscriptions).toBe(['-^-!', '-^-!']);
  });
});
