// What is said of a build while it runs: steps named when they begin, that a quiet one goes on, how each ended, and bytes.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BuildkitProgress } from '../../../src/adapters/buildkit/progress.ts';
import type { BuildEvent } from '../../../src/model/ports.ts';
import { buildLog } from '../../../src/update/image/progress/build-log.ts';
import { transfers } from '../../../src/update/image/progress/transfer-progress.ts';
import { memoryLogs } from '../../support/ports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A status of BuildKit that tells of one layer, by its id alone. */
function layerStatus(id: string): Uint8Array {
  const layer = [0x0a, ...lengthOf(Buffer.byteLength(id)), ...Buffer.from(id)];
  return Uint8Array.from([0x12, ...lengthOf(layer.length), ...layer]);
}

const lengthOf = (bytes: number): readonly number[] => (bytes < 128 ? [bytes] : [(bytes & 127) | 128, bytes >> 7]);

function building() {
  const logs = memoryLogs();
  const steps: string[] = [];
  const drawn: string[] = [];
  logs.drawn$.subscribe(({ text }) => drawn.push(text));
  const log = buildLog({
    work: { resource: 'web', run: 'web-1' },
    ports: { logs, now: Date.now },
    say: { step: (step: string) => steps.push(step) },
  } as never);
  const step = (id: string, name: string, state: 'started' | 'done' | 'cached' | 'failed' | 'cancelled', ms?: number) =>
    log.tell({ is: 'step', id, name, state, ...(ms === undefined ? {} : { ms }) });
  return { log, step, steps, drawn: () => drawn, lines: () => logs.tailText({}, 100) };
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

it('how far layers are is no word of the step that comes after them', () => {
  const { log, step, lines, drawn } = building();
  const layer = (current: number, isDone: boolean) =>
    log.tell({ is: 'progress', id: 'sha256:a', text: '', bytes: { current, total: 2_000_000, isDone } });
  step('1', '[1/2] FROM base', 'started');
  layer(1_000_000, false);
  vi.advanceTimersByTime(1_000);
  layer(2_000_000, true);
  expect(drawn().at(-1)).toBe('load: 1.0 of 2.0 MB, 0 of 1 layers');
  step('2', '[2/2] RUN npm ci', 'started');
  const before = drawn().length;
  vi.advanceTimersByTime(10_000);
  expect(drawn()).toHaveLength(before);
  expect(lines()).toContain('load: 2.0 of 2.0 MB, 1 of 1 layers');
  log.end();
});

it('what is exported is no layer on its way', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const told = (id: string) => [...new BuildkitProgress().read(layerStatus(id))];
  expect(told(`exporting manifest ${digest}`)).toEqual([expect.not.objectContaining({ bytes: expect.anything() })]);
  for (const id of [digest, `extracting ${digest}`])
    expect(told(id)).toEqual([expect.objectContaining({ bytes: { current: 0, total: 0, isDone: false } })]);
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
