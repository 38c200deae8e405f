import { it } from 'vitest';
import { unlessFollowed } from '../../src/operators/unless-followed.ts';
import { scheduler } from './marbles.ts';

const rule = { isFollowed: (text: string) => text === text.toUpperCase(), key: (text: string) => text.toLowerCase() };

it('lets what is to be followed wait, and drops it where more of its key has come', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('-A-a-B-----C-C----|');
    // The second C takes the place of the first, with a time of its own.
    const told = '      ---a-----B-------C|';
    expectObservable(source.pipe(unlessFollowed({ ...rule, withinMs: 4 }))).toBe(told);
  });
});
