// What breaks for one key is that key's problem: the others are not even subscribed to anew.
import { concat, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { lanes, selecting } from '../../src/engine/lanes.ts';
import type { Fact } from '../../src/model/fact.ts';

const clock = { now: Date.now };
const started = (resource: string): Fact => ({ type: 'log/appended', resource, lines: 0, bytes: 0, last: '' });

function watched(make: (key: string) => Observable<Fact>) {
  vi.useFakeTimers();
  const all$ = new Subject<Readonly<Record<string, number>>>();
  const facts: Fact[] = [];
  const watching = all$.pipe(lanes('servers', clock, make)).subscribe((fact) => facts.push(fact));
  onTestFinished(() => {
    watching.unsubscribe();
    vi.useRealTimers();
  });
  return { all$, facts };
}

describe.each([
  ['errors', () => throwError(() => new TypeError('x'))],
  [
    'throws at once',
    () => {
      throw new TypeError('x');
    },
  ],
] as const)('a lane that %s', (_, broken) => {
  it('is told, tried again after growing pauses, and touches no other', () => {
    const starts: Record<string, number> = {};
    const { all$, facts } = watched((key) => {
      starts[key] = (starts[key] ?? 0) + 1;
      return key === 'bad' ? broken() : concat(of(started(key)), NEVER);
    });
    all$.next({ good: 1, bad: 1, third: 1 });
    vi.advanceTimersByTime(10_000);
    expect(starts.good).toBe(1);
    expect(starts.third).toBe(1);
    expect(starts.bad).toBeLessThan(8);
    expect(facts).toContainEqual(
      expect.objectContaining({
        type: 'feed/failed',
        feed: 'servers/bad',
        problem: expect.objectContaining({ what: 'x' }),
      }),
    );
  });

  it('is well again once its key has gone', () => {
    const { all$, facts } = watched(broken);
    all$.next({ bad: 1 });
    all$.next({});
    vi.advanceTimersByTime(60_000);
    expect(facts.filter(({ type }) => type === 'feed/failed').length).toBeLessThan(12);
  });
});

it('a selection that throws is told once, and what was selected before stands', () => {
  const state$ = new Subject<number>();
  const seen: number[] = [];
  const facts: Fact[] = [];
  const select = (state: number): number => {
    if (state === 2 || state === 3) throw new TypeError('x');
    return state;
  };
  const use = (selected$: Observable<number>): Observable<Fact> =>
    new Observable(() => selected$.subscribe((state) => seen.push(state)));
  const watching = state$.pipe(selecting('servers', select, use)).subscribe((fact) => facts.push(fact));
  for (const state of [1, 2, 3, 4]) state$.next(state);
  watching.unsubscribe();
  expect(seen).toEqual([1, 4]);
  expect(facts.map(({ type }) => type)).toEqual(['feed/failed', 'feed/healthy']);
});
