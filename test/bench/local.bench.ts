// The loop without Docker: from a save to the start of its command, and three hundred resources at once.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { it } from 'vitest';
import { limits } from '../../src/model/limits.ts';
import { drive } from '../support/drive.ts';
import { eventually } from '../support/facts.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { breathe, figure, timed, usage } from './figure.ts';

it('save → command started', async () => {
  // The shell's own start is inside; nanoseconds since the epoch on both sides.
  const config = 'local:\n  note: {cmd: "date +%s%N > started.new && mv started.new started", deps: [in.txt]}\n';
  const dir = tempProject({ 'sluice.yaml': config, 'in.txt': '' });
  const session = drive(dir, ['--no-logs']);
  await session.idle();
  const latencies: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    await breathe();
    rmSync(join(dir, 'started'));
    const saved = performance.timeOrigin + performance.now();
    writeFileSync(join(dir, 'in.txt'), String(round));
    await eventually(() => (existsSync(join(dir, 'started')) ? true : null), 'the command ran');
    latencies.push(Number(readFileSync(join(dir, 'started'), 'utf8')) / 1e6 - saved);
    await session.idle();
  }
  figure('save → command started (debounce of 50 ms inside)', 'ms', latencies, 65);
  await session.stop();
});

const resources = (count: number): string => {
  const names = Array.from({ length: count }, (_, index) => `r${index}`);
  return `local:\n${names.map((name) => `  ${name}: {cmd: "true"}`).join('\n')}\n`;
};

it.each([
  [300, 3, 2_500],
  [1_000, 1, 7_000],
  [2_000, 1, 14_000],
])('%d local resources', async (count, rounds, target) => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const dir = tempProject({ 'sluice.yaml': resources(count) });
    times.push(await timed(async () => void (await sluice(dir, ['up', '--once', '--plain']))));
  }
  figure(`${count} resources with cmd "true", start to end`, 'ms', times, target);
});

it('memory of 2,000 local resources', async () => {
  const session = drive(tempProject({ 'sluice.yaml': resources(2_000) }), ['--no-logs']);
  await session.idle();
  // What the start left behind is given back after a rest.
  await pause(limits.restMs + 2_000);
  figure('memory of up, 2,000 local resources, all done', 'MiB', [usage(session.pid).rss], 180);
  await session.stop();
});
