// Progress drawn in one line: what a terminal shows of it, and how much of it stays in the log.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { folded } from '../../src/logs/lines/progress-line.ts';
import { createLogStore } from '../../src/logs/store.ts';

it.each([
  ['plain', 'plain'],
  ['10%\r20%\r30%', '30%'],
  ['10%\r20%\r\r', '20%'],
  ['\r\x1b[Kloading 3', 'loading 3'],
  ['loading 3\x1b[2K\x1b[1Gloading 4', 'loading 4'],
  ['loading 3\x1b[1K\rloading 5\x1b[K', 'loading 5'],
  ['10%\b\b\b20%', '20%'],
  ['\b\ba\bb', 'b'],
  ['\x1b[32mgreen\x1b[0m', '\x1b[32mgreen\x1b[0m'],
])('%j is shown as %j', (drawn, shown) => {
  expect(folded(drawn)).toBe(shown);
});

it('progress is told as it changes, kept as few lines, and its end is there once', async () => {
  const logs = createLogStore({ dir: null });
  onTestFinished(() => logs.close());
  const origin = { resource: 'web', source: 'build' as const, run: 'web-1' };
  const drawn: string[] = [];
  logs.drawn$.subscribe(({ text }) => drawn.push(text));
  for (let step = 1; step <= 45; step++) {
    logs.write(origin, `\rfetching ${step} of 45`, step);
    await pause(100);
  }
  logs.write(origin, '\ninstalled\n', 46);
  const kept = logs.tailText({}, 100);
  expect(drawn.length).toBeGreaterThanOrEqual(3);
  expect(drawn.length).toBeLessThanOrEqual(5);
  expect(kept.length).toBeGreaterThanOrEqual(3);
  expect(kept.length).toBeLessThanOrEqual(6);
  expect(kept.slice(-2)).toEqual(['fetching 45 of 45', 'installed']);
  expect(new Set(kept).size).toBe(kept.length);
});

it('a line that grows without an end is seen while it grows, each piece once', async () => {
  const logs = createLogStore({ dir: null });
  onTestFinished(() => logs.close());
  const origin = { resource: 'web', source: 'build' as const, run: 'web-1' };
  for (let step = 0; step < 12; step++) {
    logs.write(origin, `${step} `, step);
    await pause(250);
  }
  logs.write(origin, 'done\n', 13);
  const kept = logs.tailText({}, 100);
  expect(kept.length).toBeGreaterThanOrEqual(2);
  expect(kept.join('')).toBe('0 1 2 3 4 5 6 7 8 9 10 11 done');
});
