// What it takes to search a million log lines, most of them on disk, and how long the loop is held up meanwhile.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, it } from 'vitest';
import { createLogStore } from '../../src/logs/store.ts';
import type { LogStore } from '../../src/model/log.ts';
import { figure, timed } from './figure.ts';

const LINES = 1_000_000;
const ROUNDS = 7;
const resources = ['web', 'api', 'worker', 'db', 'cache'];
const never = new AbortController().signal;

let dir = '';
let logs: LogStore;

const line = (i: number) =>
  `2026-01-02T03:04:05.${i % 1000}Z ${i % 50 === 0 ? '\x1b[33mWARN\x1b[0m' : 'INFO'} request id=${i} GET /cart/${i % 977} took ${i % 313} ms for user-${i % 4096}`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  logs = createLogStore({ dir: join(dir, 'logs') });
  const origins = resources.map((resource) => ({ resource, source: 'runtime', pod: 'p', container: 'c' }) as const);
  for (let i = 0; i < LINES; i++) {
    logs.write(origins[i % origins.length]!, `${line(i)}\n`, i);
    // The disk keeps up with a program, not with a loop.
    if (i % 5_000 === 0) await pause(1);
  }
  await pause(500);
}, 120_000);

afterAll(async () => {
  await logs.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Longest time between two turns of the loop while `work` is under way. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isOver = false;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isOver = true;
  return longest;
}

it.each([
  ['a word that is not there', /checkpoint/],
  ['a word that is not there, both cases', /checkpoint/i],
  ['a word that is rare, both cases', /user-17\b/i],
  ['a word that is in every line, both cases', /request/i],
  ['a regular expression', /GET \/cart\/97\d took 31[0-3] ms/],
  ['a regular expression, both cases', /(warn|error).*user-1\d\d$/i],
])('all matches of %s', async (name, pattern) => {
  const times: number[] = [];
  const blocks: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    blocks.push(
      await longestBlock(async () => {
        times.push(await timed(() => logs.searchAll({ pattern }, 10_000, never)));
      }),
    );
  figure(`a million lines: ${name}`, 'ms', times, 300);
  figure(`… loop held up`, 'ms', blocks, 16);
});

it('secrets that become known', async () => {
  const blocks: number[] = [];
  for (let round = 0; round < 3; round++)
    blocks.push(
      await longestBlock(async () => {
        logs.hide([{ name: 'db', key: 'password', value: `correct horse ${round}` }]);
        await pause(200);
      }),
    );
  figure('hide() with a million lines held: loop held up', 'ms', blocks, 16);
});
