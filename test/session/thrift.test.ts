// Memory is given back when the session rests: once for what a burst left, and not again for what is in use.
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { limits } from '../../src/model/limits.ts';
import { givenBack } from '../../src/session/thrift.ts';

const MB = 1024 * 1024;

/** A heap of `size` megabytes, of which `used` are in use. */
function resting(size: number, used: number) {
  const isIdle$ = new Subject<boolean>();
  const heap = { size, used, collected: 0 };
  const collect = () => {
    heap.collected++;
    heap.size = heap.used;
  };
  const running = givenBack(isIdle$, { size: () => heap.size * MB, collect }).subscribe();
  onTestFinished(() => running.unsubscribe());
  const rest = (ms: number = limits.restMs) => {
    isIdle$.next(false);
    isIdle$.next(true);
    vi.advanceTimersByTime(ms);
  };
  return { heap, rest, isIdle$ };
}

describe('memory that is not needed any more', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is given back once the start is over and the session rests', () => {
    const { heap, rest, isIdle$ } = resting(100, 30);
    rest(limits.restMs - 1);
    expect(heap.collected).toBe(0);
    isIdle$.next(true);
    vi.advanceTimersByTime(1);
    expect(heap.collected).toBe(1);
    vi.advanceTimersByTime(3_600_000);
    rest();
    expect(heap.collected).toBe(1);
  });

  it.each([
    ['little', 60, 30],
    ['all in use', 100, 100],
  ])('is let be where it is %s', (_, size, used) => {
    const { heap, rest } = resting(size, used);
    for (let round = 0; round < 5; round++) rest();
    expect(heap.collected).toBe(size === used ? 1 : 0);
  });

  it('is given back again after a burst that doubled it', () => {
    const { heap, rest } = resting(100, 50);
    rest();
    heap.size = 99;
    rest();
    expect(heap.collected).toBe(1);
    heap.size = 100;
    rest();
    expect(heap.collected).toBe(2);
  });

  it('costs a session that is at work nothing', () => {
    const { heap, rest } = resting(100, 30);
    for (let round = 0; round < 100; round++) rest(limits.restMs - 1);
    expect(heap.collected).toBe(0);
  });
});
