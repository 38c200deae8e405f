import { map } from 'rxjs';
import { it } from 'vitest';
import { bufferWhile } from '../../src/operators/buffer-while.ts';
import { scheduler } from './marbles.ts';

const batches = { a: ['1'], b: ['2', '3'], c: ['4'] };

it('joins what comes while it is held into one batch', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const held = hot('  --t-----f--', { t: true, f: false });
    const source = hot('-a-b--c---a', batches);
    expectObservable(source.pipe(bufferWhile(held))).toBe('-a------x-a', { ...batches, x: ['2', '3', '4'] });
  });
});

it('lets go of what is held when the source ends', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const held = hot('  t----', { t: true });
    const source = hot('-a-c|', batches);
    expectObservable(source.pipe(bufferWhile(held))).toBe('----(x|)', { x: ['1', '4'] });
  });
});

it('goes on when nothing will hold it any more', () => {
  scheduler().run(({ hot, expectObservable }) => {
    const held = hot('  t-(f|)');
    const source = hot('-a--c-|', batches);
    expectObservable(source.pipe(bufferWhile(held.pipe(map((it) => it === 't'))))).toBe('--a-c-|', batches);
  });
});
