import { EMPTY, lastValueFrom, map, Subject, take, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import { heartbeat } from '../../src/operators/heartbeat.ts';

it('tells each failed check with its pause, and success once until the next failure', async () => {
  const answers: (number | Error)[] = [new Error('no'), new Error('no'), 1, 2, new Error('gone'), 3];
  const beats$ = heartbeat({
    check: async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    everyMs: () => 1,
    firstMs: 1,
    maxMs: () => 2,
  });
  const told = await lastValueFrom(
    beats$.pipe(
      take(5),
      map((beat) => (beat.is === 'ok' ? beat.value : beat.pauseMs * 1000)),
      toArray(),
    ),
  );
  expect(told).toEqual([1000, 2000, 1, 1000, 3]);
});

it('unsubscribing aborts the check that is under way', async () => {
  let stop: AbortSignal | null = null;
  const beating = heartbeat({
    check: (signal) => {
      stop = signal;
      return new Promise(() => {});
    },
    everyMs: () => 1,
    firstMs: 1,
    maxMs: () => 1,
  }).subscribe();
  beating.unsubscribe();
  expect((stop as AbortSignal | null)?.aborted).toBe(true);
});

it('what watches over the answer tells a failure at once, between two checks, and is watched anew after the next success', async () => {
  const lost = [new Subject<never>(), new Subject<never>()];
  let checks = 0;
  const told: string[] = [];
  const beating = heartbeat({
    check: async () => ++checks,
    watch: (value) => lost[value - 1] ?? EMPTY,
    everyMs: () => 60_000,
    firstMs: 1,
    maxMs: () => 1,
  }).subscribe((beat) => told.push(beat.is));
  await expect.poll(() => told).toEqual(['ok']);
  lost[0]!.error(new Error('the connection ended'));
  expect(told).toEqual(['ok', 'failed']);
  await expect.poll(() => told).toEqual(['ok', 'failed', 'ok']);
  expect([lost[0]!.observed, lost[1]!.observed]).toEqual([false, true]);
  beating.unsubscribe();
  expect(lost[1]!.observed).toBe(false);
});
