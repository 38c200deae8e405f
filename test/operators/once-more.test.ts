import { map, timer } from 'rxjs';
import { it } from 'vitest';
import { onceMore } from '../../src/operators/once-more.ts';
import { scheduler } from './marbles.ts';

it('looks at each by itself, and once more for all that came during a look', () => {
  scheduler().run(({ hot, expectObservable }) => {
    let looks = 0;
    const look = (key: string) => timer(4).pipe(map(() => `${key}${++looks}`));
    const source = hot('-(aab)a---b----|');
    const told = '      -----(xy)z---uv|';
    expectObservable(source.pipe(onceMore(look))).toBe(told, { x: 'a1', y: 'b2', z: 'a3', u: 'a4', v: 'b5' });
  });
});
