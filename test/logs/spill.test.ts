import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodeBlock } from '../../src/logs/block.ts';
import { spillFile } from '../../src/logs/spill.ts';
import type { LogLine } from '../../src/model/log.ts';
import { tempProject } from '../support/temp.ts';

const line = (seq: number, text: string): LogLine => ({
  resource: 'web',
  source: 'runtime',
  seq,
  at: seq,
  level: 'info',
  text,
});

test('the oldest half goes when the file is full, and what stays can be read', async () => {
  const dir = tempProject();
  const most = 100_000;
  const failures: (Error | null)[] = [];
  const spill = spillFile(join(dir, 'web'), (error) => failures.push(error), most);
  onTestFinished(() => spill.close());
  for (let seq = 1; seq <= 500; seq++) spill.append([line(seq, `${seq} `.padEnd(1_000, 'x'))]);
  const kept = spill.blocks.map(({ firstSeq }) => firstSeq);
  expect(kept.at(-1)).toBe(500);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 501 - kept.length + i));
  for (const block of spill.blocks) {
    const bytes = await spill.read(block);
    expect(bytes && decodeBlock(bytes).line(0)).toEqual(line(block.firstSeq, `${block.firstSeq} `.padEnd(1_000, 'x')));
  }
  const size = () => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  await expect.poll(() => Math.abs(size() - (3 * most) / 4)).toBeLessThanOrEqual(most / 4);
  expect(failures).toEqual([]);
});

test('a block dropped while somebody holds it reads as null', async () => {
  const spill = spillFile(join(tempProject(), 'web'), () => {}, 10_000);
  onTestFinished(() => spill.close());
  spill.append([line(1, 'x'.repeat(1_000))]);
  const [first] = spill.blocks;
  for (let seq = 2; seq < 50; seq++) spill.append([line(seq, 'x'.repeat(1_000))]);
  await expect.poll(async () => first && (await spill.read(first))).toBeNull();
});

test('closing removes the files', async () => {
  const dir = tempProject();
  const spill = spillFile(join(dir, 'web'), () => {});
  spill.append([line(1, 'text')]);
  await spill.close();
  expect(readdirSync(dir)).toEqual([]);
});
