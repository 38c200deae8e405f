import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Subject } from 'rxjs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createFiles } from '../../../src/adapters/fs/files.ts';
import type { ConfirmedChange, WatchEvent, WatchPlan } from '../../../src/model/ports.ts';
import { nameOf } from '../../../src/model/text/raw-name.ts';
import { eventually } from '../../support/facts.ts';
import { oddNames, writeOddNames } from '../../support/names.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { type WatchWorker, watchWorker } from '../../support/watch-worker.ts';

let worker: WatchWorker;
let bundle = '';
let workerUrl: URL;
let backend: 'directories' | 'chokidar';

beforeAll(async () => {
  worker = await watchWorker();
  [bundle, workerUrl] = [worker.dir, worker.url];
});

afterAll(() => worker.remove());

const planOf = (dir: string, patterns: readonly string[] = [], roots: readonly string[] = [dir]): WatchPlan => ({
  dir,
  targets: [{ id: 'image:web', files: { roots, filters: [{ base: dir, patterns }] } }],
});

interface Watch {
  readonly events: WatchEvent[];
  readonly follow: (plan: WatchPlan) => Promise<WatchEvent & { is: 'ready' }>;
  /** All paths told so far, certain to be complete; then forgets them. */
  readonly raw: () => Promise<string[]>;
  /** What is confirmed of all that was told. */
  readonly confirmed: () => Promise<ConfirmedChange[]>;
  readonly until: (fact: (event: WatchEvent) => boolean) => Promise<WatchEvent>;
  readonly stop: () => void;
}

async function watching(plan: WatchPlan): Promise<Watch> {
  const files = createFiles({ workerUrl, backend });
  const plan$ = new Subject<WatchPlan>();
  const events: WatchEvent[] = [];
  let looked = () => {};
  const subscription = files.watch(plan$).subscribe((event) => {
    events.push(event);
    looked();
  });
  onTestFinished(() => subscription.unsubscribe());
  const until = (fact: (event: WatchEvent) => boolean, from = 0) =>
    new Promise<WatchEvent>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`never told: ${JSON.stringify(events).slice(0, 500)}`)), 20_000);
      looked = () => {
        const found = events.slice(from).find(fact);
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      };
      looked();
    });
  const follow = async (next: WatchPlan) => {
    const from = events.length;
    plan$.next(next);
    return (await until((event) => event.is === 'ready', from)) as WatchEvent & { is: 'ready' };
  };
  const raw = async () => {
    await files.flush();
    const told = events.splice(0).flatMap((event) => (event.is === 'raw' ? event.paths : []));
    return [...new Set(told)].sort();
  };
  const confirmed = async () => [...(await files.confirm(await raw()))].sort((a, b) => (a.path < b.path ? -1 : 1));
  await follow(plan);
  return { events, follow, raw, confirmed, until, stop: () => subscription.unsubscribe() };
}

const short = (dir: string, changes: readonly ConfirmedChange[]) =>
  changes.map(({ path, kind }) => `${kind} ${path.slice(dir.length + 1)}`);

describe.each(['directories', 'chokidar'] as const)('watching by %s', (each) => {
  beforeAll(() => {
    backend = each;
  });

  test('is ready with the number of files that belong to the plan', async () => {
    const dir = tempProject({ a: '', 'b/c': '', 'node_modules/x/y': '', '.git/HEAD': '', 'b/d.md': '' });
    const watch = await watching(planOf(dir, ['node_modules', '**/*.md']));
    expect(watch.events[0]).toMatchObject({ is: 'ready', files: 2 });
  });

  test('confirms what was added, changed and removed, and for which targets', async () => {
    const dir = tempProject({ 'web/a': '1', 'web/b': '1', 'api/c': '1' });
    const files = (root: string, ...patterns: string[]) => ({
      roots: [join(dir, root)],
      filters: [{ base: dir, patterns }],
    });
    const targets = [
      { id: 'image:web', files: files('web') },
      { id: 'image:all', files: files('', 'web/b') },
    ];
    const watch = await watching({ dir, targets });
    writeFileSync(join(dir, 'web/a'), '2');
    rmSync(join(dir, 'web/b'));
    writeFileSync(join(dir, 'api/d'), 'new');
    expect(await watch.confirmed()).toEqual([
      { path: join(dir, 'api/d'), kind: 'added', targets: ['image:all'] },
      { path: join(dir, 'web/a'), kind: 'changed', targets: ['image:web', 'image:all'] },
      { path: join(dir, 'web/b'), kind: 'removed', targets: ['image:web'] },
    ]);
    expect(await watch.confirmed()).toEqual([]);
  });

  test('a link that comes to stand for what is named, or on the way there, is a change of who takes links', async () => {
    const dir = tempProject({ 'conf.json': '1', 'sub/deep/x': '1', 'else/deep/x': '2', 'src/y': '1' });
    const of = (id: string, path: string) => ({ id, files: { roots: [join(dir, path)], filters: [] } });
    const config = { ...of('config', 'sluice.yaml'), takesLinks: true };
    const targets = [of('file', 'conf.json'), of('deep', 'sub/deep'), of('src', 'src'), config];
    const watch = await watching({ dir, targets });
    rmSync(join(dir, 'conf.json'));
    symlinkSync('later', join(dir, 'conf.json'));
    expect(await watch.confirmed()).toEqual([
      { path: join(dir, 'conf.json'), kind: 'changed', retyped: true, targets: ['file', 'config'] },
    ]);
    rmSync(join(dir, 'sub'), { recursive: true });
    symlinkSync('else', join(dir, 'sub'));
    expect(await watch.confirmed()).toEqual([
      { path: join(dir, 'sub'), kind: 'added', targets: ['config'] },
      { path: join(dir, 'sub/deep/x'), kind: 'changed', targets: ['deep'] },
    ]);
    symlinkSync('y', join(dir, 'src/z'));
    expect(await watch.confirmed()).toEqual([{ path: join(dir, 'src/z'), kind: 'added', targets: ['src'] }]);
    await watch.follow({ dir, targets: targets.map((each) => ({ ...each, followsLinks: each.id === 'src' })) });
    symlinkSync('../else', join(dir, 'src/behind'));
    writeFileSync(join(dir, 'src/y'), '2');
    expect(
      (await watch.confirmed()).map(({ path, targets }) => [path.slice(dir.length + 1), ...targets]).sort(),
    ).toEqual([
      ['src/behind', 'src', 'config'],
      ['src/y', 'src'],
    ]);
  });

  test('sees each of three atomic saves and a plain write after them', async () => {
    const dir = tempProject({ 'a.js': '0' });
    const watch = await watching(planOf(dir));
    for (const text of ['1', '2', '3']) {
      writeFileSync(join(dir, '.a.js.tmp'), text);
      renameSync(join(dir, '.a.js.tmp'), join(dir, 'a.js'));
      expect(short(dir, await watch.confirmed())).toEqual(['changed a.js']);
    }
    appendFileSync(join(dir, 'a.js'), '4');
    expect(short(dir, await watch.confirmed())).toEqual(['changed a.js']);
  });

  test('misses nothing in 50 new directories at once, a later write and their removal included', async () => {
    const dir = tempProject({ a: '' });
    const watch = await watching(planOf(dir));
    const paths = Array.from({ length: 50 }, (_, i) => [`n${i}/deep/er/one`, `n${i}/deep/two`]).flat();
    writeFiles(dir, Object.fromEntries(paths.map((path) => [path, path])));
    expect(short(dir, await watch.confirmed())).toEqual(paths.map((path) => `added ${path}`).sort());
    writeFileSync(join(dir, 'n7/deep/er/late'), 'x');
    writeFileSync(join(dir, 'n8/deep/two'), 'x');
    expect(short(dir, await watch.confirmed())).toEqual(['added n7/deep/er/late', 'changed n8/deep/two']);
    for (let i = 0; i < 50; i++) rmSync(join(dir, `n${i}`), { recursive: true });
    expect(await watch.confirmed()).toHaveLength(101);
    writeFiles(dir, { 'n7/deep/er/one': 'again' });
    expect(short(dir, await watch.confirmed())).toEqual(['added n7/deep/er/one']);
  });

  test('a file renamed there and back confirms nothing, renamed for good it is one removed and one added', async () => {
    const dir = tempProject({ a: 'x' });
    const watch = await watching(planOf(dir));
    renameSync(join(dir, 'a'), join(dir, 'b'));
    renameSync(join(dir, 'b'), join(dir, 'a'));
    expect(await watch.confirmed()).toEqual([]);
    renameSync(join(dir, 'a'), join(dir, 'b'));
    expect(short(dir, await watch.confirmed())).toEqual(['removed a', 'added b']);
  });

  test('a moved directory takes its files along and is watched at its new place', async () => {
    const dir = tempProject({ 'old/in/a': '1', 'old/b': '2', 'other/c': '' });
    const watch = await watching(planOf(dir));
    renameSync(join(dir, 'old'), join(dir, 'new'));
    expect(short(dir, await watch.confirmed())).toEqual([
      'added new/b',
      'added new/in/a',
      'removed old/b',
      'removed old/in/a',
    ]);
    writeFileSync(join(dir, 'new/in/a'), 'inside');
    expect(short(dir, await watch.confirmed())).toEqual(['changed new/in/a']);
  });

  test('a directory removed and made again at once is watched on', async () => {
    const dir = tempProject({ 'src/a': '1', 'src/b': '2' });
    const watch = await watching(planOf(dir));
    for (let i = 0; i < 5; i++) {
      rmSync(join(dir, 'src'), { recursive: true });
      writeFiles(dir, { 'src/a': `new ${i}`, 'src/b': '2' });
      expect(short(dir, await watch.confirmed())).toEqual(['changed src/a']);
      writeFileSync(join(dir, 'src/b'), `x${i}`);
      expect(short(dir, await watch.confirmed())).toEqual(['changed src/b']);
      writeFileSync(join(dir, 'src/b'), '2');
      expect(short(dir, await watch.confirmed())).toEqual(['changed src/b']);
    }
  });

  test('links are told as links and never followed', async () => {
    const dir = tempProject({ a: '' });
    const outside = tempProject({ 'x/y': '' });
    const watch = await watching(planOf(dir));
    symlinkSync(outside, join(dir, 'link'));
    expect(short(dir, await watch.confirmed())).toEqual(['added link']);
    writeFileSync(join(outside, 'x/y'), 'changed');
    expect(await watch.confirmed()).toEqual([]);
    rmSync(join(dir, 'link'));
    symlinkSync('a', join(dir, 'link'));
    expect(short(dir, await watch.confirmed())).toEqual(['changed link']);
  });

  test('a link that leads nowhere is a file like any other, save the locks of editors, known by their names', async () => {
    const dir = tempProject({ a: '' });
    const watch = await watching(planOf(dir));
    symlinkSync('user@host.123', join(dir, '.#a'));
    expect(await watch.confirmed()).toEqual([]);
    symlinkSync('/app/releases/1', join(dir, 'current'));
    expect(short(dir, await watch.confirmed())).toEqual(['added current']);
    rmSync(join(dir, 'current'));
    symlinkSync('/app/releases/2', join(dir, 'current'));
    expect(short(dir, await watch.confirmed())).toEqual(['changed current']);
  });

  test('directories count for who carries them: made, empty or not, given another mode, removed, and as other types', async () => {
    const dir = tempProject({ a: '', 'd/b': '', 'e/c': '' });
    const plan = planOf(dir);
    const targets = [
      ...plan.targets.map((target) => ({ ...target, dirs: true })),
      { ...plan.targets[0]!, id: 'local:x' },
    ];
    const watch = await watching({ ...plan, targets });
    mkdirSync(join(dir, 'empty/deep'), { recursive: true });
    chmodSync(join(dir, 'd'), 0o700);
    rmSync(join(dir, 'e'), { recursive: true });
    const found = await watch.confirmed();
    const dirs = found.filter(({ isDir }) => isDir);
    expect(short(dir, dirs).sort()).toEqual(['added empty', 'added empty/deep', 'changed d', 'removed e']);
    expect(dirs.flatMap(({ targets }) => targets)).not.toContain('local:x');
    expect(dirs.find(({ path }) => path.endsWith('/d'))).toMatchObject({ remoded: true });
    expect(
      short(
        dir,
        found.filter(({ isDir }) => !isDir),
      ),
    ).toEqual(['removed e/c']);

    symlinkSync('d', join(dir, 'was'));
    expect(short(dir, await watch.confirmed())).toEqual(['added was']);
    rmSync(join(dir, 'was'));
    mkdirSync(join(dir, 'was'));
    writeFileSync(join(dir, 'd/b'), 'x');
    expect(await watch.confirmed()).toContainEqual(expect.objectContaining({ path: join(dir, 'was'), retyped: true }));
    utimesSync(join(dir, 'd'), new Date(), new Date(1_000));
    expect(await watch.confirmed()).toEqual([]);
  });

  test('a touch or a save without a change confirms nothing, a new mode does', async () => {
    const dir = tempProject({ a: 'same', 'd/b': '' });
    const watch = await watching(planOf(dir));
    utimesSync(join(dir, 'a'), new Date(), new Date(1_000));
    utimesSync(join(dir, 'd'), new Date(), new Date(1_000));
    writeFileSync(join(dir, 'a'), 'same');
    expect(await watch.confirmed()).toEqual([]);
    chmodSync(join(dir, 'a'), 0o755);
    expect(short(dir, await watch.confirmed())).toEqual(['changed a']);
  });

  test('editor files, version control, our notes and ignored files are not told', async () => {
    const dir = tempProject({ a: '', 'node_modules/x': '', '.git/HEAD': 'ref', 'n/a': '' });
    const watch = await watching(planOf(dir, ['node_modules', '*.log']));
    const names = [
      '.a.swp',
      '4913',
      'a~',
      '#a#',
      'node_modules/x',
      'node_modules/new/y',
      '.git/x',
      '.sluice/n',
      'a.log',
      '.idea/w',
    ];
    writeFiles(dir, Object.fromEntries(names.map((name) => [name, 'x'])));
    writeFileSync(join(dir, 'a'), 'x');
    expect(short(dir, await watch.confirmed())).toEqual(['changed a']);
  });

  const writes = (count: number) => `
  const { writeFileSync } = require('node:fs');
  for (let i = 0; i < ${count}; i++) writeFileSync('d' + (i % 50) + '/f' + i, 'new ' + i);`;

  const manyFiles = () => Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`d${i % 50}/f${i}`, `old ${i}`]));

  test('loses none of 5,000 writes by another process', async () => {
    const dir = tempProject(manyFiles());
    const watch = await watching(planOf(dir));
    const child = spawn(process.execPath, ['-e', writes(5_000)], { cwd: dir });
    await new Promise((resolve) => child.once('exit', resolve));
    expect(await watch.confirmed()).toHaveLength(5_000);
  });

  test('loses none of 5,000 writes while the main loop is blocked', async () => {
    const dir = tempProject(manyFiles());
    const watch = await watching(planOf(dir));
    execFileSync(process.execPath, ['-e', writes(5_000)], { cwd: dir });
    expect(await watch.confirmed()).toHaveLength(5_000);
  });

  test('compares the tree with the index after a burst that may have overflowed', async () => {
    const dir = tempProject({ a: '' });
    const watch = await watching(planOf(dir));
    // 20,000 writes over 500 files: more events than the kernel's queue holds, and each file ends as it must.
    execFileSync(
      process.execPath,
      ['-e', "for (let i = 0; i < 20000; i++) require('node:fs').writeFileSync('f' + (i % 500), 'new ' + i)"],
      { cwd: dir },
    );
    const told = await watch.until((event) => event.is === 'rescanned');
    expect(told).toMatchObject({ because: expect.stringMatching(/^\d+ events at once/) });
    expect(await watch.confirmed()).toHaveLength(500);
  });

  /** A worker that stands still while `.sluice/hold` is there: the kernel's queue fills behind it. */
  function holdable(dir: string): { hold: () => Promise<void>; release: () => void } {
    const [wish, held] = [join(dir, '.sluice/hold'), join(dir, '.sluice/held')];
    const file = join(bundle, 'holdable.mjs');
    writeFileSync(
      file,
      `import { existsSync, rmSync, writeFileSync } from 'node:fs';
     await import('./watch-worker.mjs');
     setInterval(() => {
       if (!existsSync(${JSON.stringify(wish)})) return;
       writeFileSync(${JSON.stringify(held)}, '');
       while (existsSync(${JSON.stringify(wish)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
     }, 10);`,
    );
    const usual = workerUrl;
    workerUrl = pathToFileURL(file);
    onTestFinished(() => {
      workerUrl = usual;
      rmSync(wish, { force: true });
    });
    return {
      hold: async () => {
        writeFiles(dir, { '.sluice/hold': '' });
        await eventually(() => existsSync(held) || null, 'the worker stands still', 20_000);
      },
      release: () => rmSync(wish),
    };
  }

  test('what a rescan finds is watched from then on, at any depth, and what went with the lost events is forgotten', async () => {
    const dir = tempProject({ 'd/f': '', 'd/g': '', 'gone/a/x': '1', 'again/a/x': '1' });
    const worker = holdable(dir);
    const watch = await watching(planOf(dir));
    await watch.raw();
    await worker.hold();
    // More events than the kernel's queue holds; a touch is the cheapest.
    for (let i = 0; i < 20_000; i++) utimesSync(join(dir, i % 2 === 0 ? 'd/f' : 'd/g'), i, i);
    rmSync(join(dir, 'gone'), { recursive: true });
    rmSync(join(dir, 'again'), { recursive: true });
    writeFiles(dir, { 'again/a/x': '1', 'new/deep/er/x': '1', 'd/below/x': '1' });
    worker.release();
    await watch.until((event) => event.is === 'rescanned');
    expect(short(dir, await watch.confirmed())).toEqual(['added d/below/x', 'removed gone/a/x', 'added new/deep/er/x']);
    writeFiles(dir, {
      'new/deep/er/x': '2',
      'd/below/x': '2',
      'again/a/x': '2',
      'new/deep/late/y': '1',
      'gone/a/x': '1',
    });
    expect(short(dir, await watch.confirmed())).toEqual([
      'changed again/a/x',
      'changed d/below/x',
      'added gone/a/x',
      'changed new/deep/er/x',
      'added new/deep/late/y',
    ]);
  });

  const around: Readonly<Record<string, (top: string, between: () => Promise<unknown>) => Promise<void>>> = {
    'the project is renamed': async (top, between) => {
      renameSync(join(top, 'a/p'), join(top, 'a/q'));
      await between();
      renameSync(join(top, 'a/q'), join(top, 'a/p'));
    },
    'a directory above it is renamed': async (top, between) => {
      renameSync(join(top, 'a'), join(top, 'b'));
      await between();
      renameSync(join(top, 'b'), join(top, 'a'));
    },
    'it is deleted': async (top, between) => {
      cpSync(join(top, 'a/p'), join(top, 'a/q'), { recursive: true });
      rmSync(join(top, 'a/p'), { recursive: true });
      await between();
      renameSync(join(top, 'a/q'), join(top, 'a/p'));
    },
    'all above it is deleted, and there is a file of its own name in it': async (top, between) => {
      cpSync(join(top, 'a'), join(top, 'b'), { recursive: true });
      rmSync(join(top, 'a'), { recursive: true });
      await between();
      writeFiles(top, { 'b/p/p/f': 'x' });
      cpSync(join(top, 'b'), join(top, 'a'), { recursive: true });
    },
    'it is exchanged for another in a moment': async (top) => {
      cpSync(join(top, 'a/p'), join(top, 'a/q'), { recursive: true });
      renameSync(join(top, 'a/p'), join(top, 'a/old'));
      renameSync(join(top, 'a/q'), join(top, 'a/p'));
    },
  };

  test.each(Object.entries(around))(
    '%s and comes back: it is watched as before, outside contexts too',
    async (_name, act) => {
      const top = tempProject({ 'a/p/src/f': '1', 'a/p/sluice.yaml': '', 'a/lib/g': '1' });
      const dir = join(top, 'a/p');
      const watch = await watching(planOf(dir, [], [join(dir, 'src'), join(dir, 'sluice.yaml'), join(top, 'a/lib')]));
      await watch.raw();
      await act(top, () => watch.until((event) => event.is === 'away'));
      await watch.until((event) => event.is === 'rescanned' && existsSync(dir));
      await watch.confirmed();
      for (const text of ['2', '3']) {
        writeFiles(top, { 'a/p/src/f': text, 'a/lib/g': text, [`a/p/src/new${text}/deep/x`]: text });
        expect(short(top, await watch.confirmed())).toEqual([
          'changed a/lib/g',
          'changed a/p/src/f',
          `added a/p/src/new${text}/deep/x`,
        ]);
      }
      expect(existsSync(join(top, 'a/q'))).toBe(false);
    },
  );

  test('follows a new plan: what was not watched is the new state, what was watched and changed is told', async () => {
    const dir = tempProject({ 'web/a': '1', 'api/b': '1', 'lib/c': '1' });
    const watch = await watching(planOf(dir, [], [join(dir, 'web'), join(dir, 'lib')]));
    writeFileSync(join(dir, 'api/b'), '2');
    const ready = watch.follow(planOf(dir, [], [join(dir, 'web'), join(dir, 'api')]));
    writeFileSync(join(dir, 'web/a'), '2');
    expect(await ready).toMatchObject({ files: 2 });
    expect(short(dir, await watch.confirmed())).toEqual(['changed web/a']);
    writeFileSync(join(dir, 'api/b'), '3');
    writeFileSync(join(dir, 'lib/c'), '3');
    expect(short(dir, await watch.confirmed())).toEqual(['changed api/b']);
  });

  test('a missing root and a single file as root are seen when they come, go and come again', async () => {
    const dir = tempProject({ 'package.json': '{}', 'other/x': '' });
    const watch = await watching(planOf(dir, [], [join(dir, 'package.json'), join(dir, 'gen/out')]));
    for (let i = 0; i < 2; i++) {
      writeFiles(dir, { 'gen/out/a': `${i}`, 'package.json': `{${i}}`, 'other/x': `${i}` });
      expect(short(dir, await watch.confirmed())).toEqual(['added gen/out/a', 'changed package.json']);
      rmSync(join(dir, 'gen'), { recursive: true });
      expect(short(dir, await watch.confirmed())).toEqual(['removed gen/out/a']);
    }
  });

  test('tells when a git operation runs and when it is over, also in a worktree', async () => {
    const dir = tempProject({
      'repo/.git/worktrees/w/HEAD': 'ref: refs/heads/a',
      'w/.git': 'gitdir: ../repo/.git/worktrees/w\n',
    });
    const git = join(dir, 'repo/.git/worktrees/w');
    const watch = await watching(planOf(join(dir, 'w')));
    writeFileSync(join(git, 'index.lock'), '');
    expect(await watch.until((event) => event.is === 'git')).toMatchObject({
      busy: true,
      because: 'git holds its index lock',
    });
    rmSync(join(git, 'index.lock'));
    await watch.until((event) => event.is === 'git' && !event.busy);
    writeFileSync(join(git, 'HEAD'), 'ref: refs/heads/b');
    await watch.until((event) => event.is === 'git' && event.because === 'HEAD moved' && !event.busy);
  });

  test('a worker that dies is replaced, and what changed meanwhile is told', async () => {
    const dir = tempProject({ a: '1', b: '1', c: '1' });
    const broken = join(bundle, 'breakable.mjs');
    writeFileSync(
      broken,
      `import { parentPort } from 'node:worker_threads';
     import { existsSync, rmSync, writeFileSync } from 'node:fs';
     await import('./watch-worker.mjs');
     const timer = setInterval(() => {
       if (!existsSync(${JSON.stringify(join(dir, '.sluice/break'))})) return;
       rmSync(${JSON.stringify(join(dir, '.sluice/break'))});
       writeFileSync(${JSON.stringify(join(dir, 'a'))}, 'changed while dead');
       rmSync(${JSON.stringify(join(dir, 'b'))});
       writeFileSync(${JSON.stringify(join(dir, 'd'))}, 'new while dead');
       throw new Error('broken on purpose');
     }, 10);`,
    );
    const usual = workerUrl;
    workerUrl = pathToFileURL(broken);
    onTestFinished(() => {
      workerUrl = usual;
    });
    const watch = await watching(planOf(dir));
    // The first index has reached us once something after it was answered.
    await watch.raw();
    writeFiles(dir, { '.sluice/break': '' });
    await watch.until((event) => event.is === 'problem' && event.problem.what.includes('broken on purpose'));
    expect(await watch.until((event) => event.is === 'rescanned')).toMatchObject({
      because: expect.stringContaining('broken on purpose'),
    });
    expect(short(dir, await watch.confirmed())).toEqual(['changed a', 'removed b', 'added d']);
  });

  const linkOf = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  };

  test('leaves no worker and no watch behind', async () => {
    const dir = tempProject({ a: '' });
    const before = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).includes('inotify')).length;
    const watch = await watching(planOf(dir));
    await watch.raw();
    watch.stop();
    const queues = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).includes('inotify')).length;
    for (const deadline = Date.now() + 5_000; queues() > before; ) {
      if (Date.now() > deadline) throw new Error('the worker is still there');
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

// Elsewhere names are text.
test.runIf(process.platform === 'linux')('directories tell files of every name: new, changed and removed', async () => {
  backend = 'directories';
  const dir = tempProject({ a: '' });
  const watch = await watching(planOf(dir));
  writeOddNames(dir);
  const added = (await watch.confirmed()).map(({ kind, path }) => [kind, path.slice(dir.length + 1)]);
  const names = [...oddNames.map(nameOf), nameOf(Buffer.from('link \xe9', 'latin1'))];
  expect(added.sort()).toEqual(names.map((name) => ['added', name]).sort());
  for (const name of oddNames) appendFileSync(Buffer.concat([Buffer.from(`${dir}/`), name]), ' more');
  expect((await watch.confirmed()).map(({ kind }) => kind)).toEqual(oddNames.map(() => 'changed'));
  execFileSync('find', [dir, '-mindepth', '1', '-delete']);
  expect((await watch.confirmed()).filter(({ kind }) => kind === 'removed')).toHaveLength(names.length + 1);
});
