// Random writes, renames, removals and directories put in another's place, by a process that does not wait for anybody: what
// is told in the end is what is there. One seed after the other; a failure names its seed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BehaviorSubject } from 'rxjs';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createFiles } from '../../../src/adapters/fs/files.ts';
import type { WatchPlan } from '../../../src/model/ports.ts';
import { eventually } from '../../support/facts.ts';
import { tempProject } from '../../support/temp.ts';
import { type WatchWorker, watchWorker } from '../../support/watch-worker.ts';
import { directoriesBelow, filesBelow } from './stress.mjs';

const mutator = fileURLToPath(new URL('stress.mjs', import.meta.url));
let worker: WatchWorker;
beforeAll(async () => {
  worker = await watchWorker();
});
afterAll(() => worker.remove());

it.each([1, 2, 3])('seed %i: what is told is what is there', async (seed) => {
  const dir = tempProject({ 'd0/a': '0', 'd0/d1/b': '0', 'd2/c': '0' });
  const files = createFiles({ workerUrl: worker.url });
  const planOf = (patterns: readonly string[]): WatchPlan => ({
    dir,
    targets: [{ id: 'x', files: { roots: [dir], filters: [{ base: dir, patterns }] } }],
  });
  const plan$ = new BehaviorSubject(planOf([]));
  let told: string[] = [];
  let isReady = false;
  const watching = files.watch(plan$).subscribe((event) => {
    if (event.is === 'ready') isReady = true;
    if (event.is === 'raw') told.push(...event.paths);
  });
  onTestFinished(() => watching.unsubscribe());
  await eventually(() => isReady || null, 'all is watched', 20_000);

  /** What someone knows who began with what was there and has heard of all that was confirmed. */
  const known = new Map(filesBelow(dir).map((path) => [path, textOf(path)]));
  const hear = async () => {
    const paths = told;
    told = [];
    for (const { path, kind, isDir } of await files.confirm(paths)) {
      if (isDir) continue;
      if (kind === 'removed') known.delete(path);
      else known.set(path, textOf(path));
    }
  };
  let turn = 0;
  for (let round = 0; round < 4; round += 1) {
    const child = spawn(process.execPath, [mutator, dir, String(seed * 100 + round)], { stdio: 'inherit' });
    const end = once(child, 'exit');
    // What is confirmed in the middle of it loses nothing of what comes after, nor does another plan (which looks at all anew).
    while (child.exitCode === null) {
      await files.flush();
      await hear();
      if (seed % 3 === 0) plan$.next(planOf(turn++ % 2 === 0 ? ['never-there'] : []));
    }
    expect(await end).toEqual([0, null]);
    await files.flush();
    await hear();
    const there = filesBelow(dir).map((path) => [path, textOf(path)] as const);
    expect([...known].sort(), `seed ${seed}, round ${round}`).toEqual(there.sort());
  }
  // And each directory is watched, whichever way it came to be there.
  const last = directoriesBelow(dir).map((each) => join(each, 'last'));
  for (const path of last) writeFileSync(path, '');
  await files.flush();
  expect((await files.confirm(told)).map(({ path }) => path).sort()).toEqual(last.sort());
});

/** Null where it is gone by now: that is told as well. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
