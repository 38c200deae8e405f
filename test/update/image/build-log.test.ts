// What is said of a build while it runs: steps named when they begin, that a quiet one goes on, how each ended, and bytes.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BuildEvent } from '../../../src/model/ports.ts';
import { buildLog } from '../../../src/update/image/build-log.ts';
import { transfers } from '../../../src/update/image/transfer-progress.ts';
import { memoryLogs } from '../../support/ports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function building() {
  const logs = memoryLogs();
  const steps: string[] = [];
  const log = buildLog({
    work: { resource: 'web', run: 'web-1' },
    ports: { logs, now: Date.now },
    say: { step: (step: string) => steps.push(step) },
  } as never);
  const step = (id: string, name: string, state: 'started' | 'done' | 'cached' | 'failed' | 'cancelled', ms?: number) =>
    log.tell({ is: 'step', id, name, state, ...(ms === undefined ? {} : { ms }) });
  return { log, step, steps, lines: () => logs.tailText({}, 100) };
}

it('a step is named while it runs, in the log and as the step of the run; quick and cached ones are one line', () => {
  const { step, steps, lines, log } = building();
  step('1', '[1/4] FROM base', 'cached');
  step('2', '[2/4] COPY . /app', 'started');
  step('2', '[2/4] COPY . /app', 'done', 20);
  step('3', '[3/4] RUN npm ci', 'started');
  vi.advanceTimersByTime(1_000);
  expect(steps).toEqual(['[3/4] RUN npm ci']);
  expect(lines()).toEqual(['[1/4] FROM base (cached)', '[2/4] COPY . /app (20 ms)', '[3/4] RUN npm ci']);
  vi.advanceTimersByTime(14_000);
  expect(lines().slice(3)).toEqual(['[3/4] RUN npm ci  6 s', '[3/4] RUN npm ci  11 s']);
  step('3', '[3/4] RUN npm ci', 'done', 15_000);
  log.end();
  expect(lines().at(-1)).toBe('[3/4] RUN npm ci (15000 ms)');
});

it('of steps side by side the newest that runs is the one shown, and output makes it no quiet one', () => {
  const { step, steps, lines, log } = building();
  step('a', '[a 1/2] RUN one', 'started');
  step('b', '[b 1/2] RUN two', 'started');
  vi.advanceTimersByTime(1_000);
  step('b', '[b 1/2] RUN two', 'done', 1_000);
  for (let i = 0; i < 8; i++) {
    log.tell({ is: 'output', text: `line ${i}\n` });
    vi.advanceTimersByTime(1_000);
  }
  expect(steps).toEqual(['[b 1/2] RUN two', '[a 1/2] RUN one']);
  expect(lines().some((line) => / \d+ s$/.test(line))).toBe(false);
  log.end();
});

it('a step that was killed is not shown as one that ended', () => {
  const { step, lines, log } = building();
  step('1', '[1/3] RUN sleep 60', 'started');
  step('2', '[2/3] RUN other', 'started');
  step('3', '[3/3] RUN bad', 'started');
  vi.advanceTimersByTime(1_000);
  step('3', '[3/3] RUN bad', 'failed', 900);
  step('2', '[2/3] RUN other', 'cancelled', 900);
  log.end();
  expect(lines().slice(3)).toEqual([
    '[3/3] RUN bad failed (900 ms)',
    '[2/3] RUN other was stopped (900 ms)',
    '[1/3] RUN sleep 60 was stopped after 1 s',
  ]);
  vi.advanceTimersByTime(60_000);
  expect(lines()).toHaveLength(6);
});

it('layers on their way are one line of bytes', () => {
  const push = transfers('push');
  const layer = (
    id: string,
    current: number,
    total: number,
    isDone = false,
  ): Extract<BuildEvent, { is: 'progress' }> => ({
    is: 'progress',
    id,
    text: '',
    bytes: { current, total, isDone },
  });
  expect(push({ is: 'progress', id: '', text: 'The push refers to repository' })).toBe('');
  expect(push(layer('a', 0, 0, true))).toBe('push: 1 of 1 layers');
  expect(push(layer('b', 1_500_000, 6_000_000))).toBe('push: 1.5 of 6.0 MB, 1 of 2 layers');
  expect(push(layer('b', 0, 0, true))).toBe('push: 6.0 of 6.0 MB, 2 of 2 layers');
});
