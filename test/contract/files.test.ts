// What every FilesPort does, the real one and the one in memory.
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BehaviorSubject } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createFiles } from '../../src/adapters/fs/files.ts';
import type { FilesPort, WatchEvent, WatchPlan } from '../../src/model/ports.ts';
import { eventually } from '../support/facts.ts';
import { fakeFiles } from '../support/ports.ts';
import { tempProject } from '../support/temp.ts';
import { type WatchWorker, watchWorker } from '../support/watch-worker.ts';

let worker: WatchWorker;
beforeAll(async () => {
  worker = await watchWorker();
});
afterAll(() => worker.remove());

interface Testbed {
  readonly port: FilesPort;
  /** What the port has to notice of a write or a touch of this file. */
  write(path: string, text: string): void;
  touch(path: string): void;
  /** What it has to notice of a new plan. */
  planned(): void;
}

const testbeds: Readonly<Record<string, () => Testbed>> = {
  'the real file system': () => ({
    port: createFiles({ workerUrl: worker.url }),
    write: (path, text) => writeFileSync(path, text),
    touch: (path) => utimesSync(path, new Date(), new Date()),
    planned: () => {},
  }),
  'the one in memory': () => {
    const port = fakeFiles(() => ['local:gen']);
    return {
      port,
      write: (path) => port.save(path),
      touch: (path) => {
        port.untouched.add(path);
        port.save(path);
      },
      planned: () => port.tell({ is: 'ready', files: 1, ms: 1 }),
    };
  },
};

describe.each(Object.entries(testbeds))('%s', (_name, make) => {
  const watch = async (it: Testbed) => {
    const dir = tempProject({ a: 'one' });
    const plan: WatchPlan = { dir, targets: [{ id: 'local:gen', files: { roots: [dir], filters: [] } }] };
    const plan$ = new BehaviorSubject(plan);
    const events: WatchEvent[] = [];
    let isComplete = false;
    const watching = it.port.watch(plan$).subscribe({
      next: (event) => events.push(event),
      complete: () => {
        isComplete = true;
      },
    });
    onTestFinished(() => watching.unsubscribe());
    it.planned();
    await eventually(() => events.some((event) => event.is === 'ready') || null, 'all is watched', 10_000);
    const raw = () => events.flatMap((event) => (event.is === 'raw' ? event.paths : []));
    return { path: join(dir, 'a'), plan$, raw, isComplete: () => isComplete };
  };

  it('a write is told raw, and confirmed with the targets it belongs to', async () => {
    const it = make();
    const { path, raw } = await watch(it);
    it.write(path, 'two');
    await eventually(() => raw().includes(path) || null, 'the write is noticed', 10_000);
    expect(await it.port.confirm([path])).toEqual([{ path, kind: 'changed', targets: ['local:gen'] }]);
  });

  it('a touch confirms nothing', async () => {
    const it = make();
    const { path, raw } = await watch(it);
    it.touch(path);
    await eventually(() => raw().includes(path) || null, 'the touch is noticed', 10_000);
    expect(await it.port.confirm([path])).toEqual([]);
  });

  it('flush resolves when what was written before has been told', async () => {
    const it = make();
    const { path, raw } = await watch(it);
    it.write(path, 'two');
    await it.port.flush();
    expect(raw()).toContain(path);
  });

  it('completes with its plans', async () => {
    const { plan$, isComplete } = await watch(make());
    plan$.complete();
    expect(isComplete()).toBe(true);
  });
});
