import { expect, it } from 'vitest';
import { settle } from '../../src/operators/settle.ts';
import { scheduler } from './marbles.ts';

const times = () => ({ quietMs: 3, maxMs: 8 });

it('emits what came once it has been quiet', () => {
  scheduler().run(({ hot, expectObservable }) => {
    expectObservable(hot('-ab-c-----d----').pipe(settle(times))).toBe('-------x-----y-', {
      x: ['a', 'b', 'c'],
      y: ['d'],
    });
  });
});

it('emits at the latest after the maximum, however busy it is', () => {
  scheduler().run(({ hot, expectObservable }) => {
    expectObservable(hot('abcdefghijkl-----').pipe(settle(times))).toBe('--------x-----y--', {
      x: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'],
      y: ['j', 'k', 'l'],
    });
  });
});

it('emits what is held when the source ends, and sets no timer in silence', () => {
  const virtual = scheduler();
  virtual.run(({ hot, expectObservable }) => {
    expectObservable(hot('----a|').pipe(settle(times))).toBe('-----(x|)', { x: ['a'] });
  });
  expect(virtual.actions).toEqual([]);
});

it('values with other times make batches of their own', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const own = (value: string) => (value === 'z' ? { quietMs: 6, maxMs: 20 } : times());
    expectObservable(hot('-az-b---------').pipe(settle(own))).toBe('-------xy-----', { x: ['a', 'b'], y: ['z'] });
  });
});
