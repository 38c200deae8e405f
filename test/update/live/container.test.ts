import { homedir } from 'node:os';
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../src/model/ports.ts';
import type { FileChange, KubeWork, Outcome } from '../../../src/model/run.ts';
import { containerStrategy } from '../../../src/update/live/container.ts';
import { createSynclets } from '../../../src/update/live/synclet/pool.ts';
import { docker as hasDocker } from '../../support/capability.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { build, busyboxImage, container, docker, treeIn } from './docker.ts';
import { changesBetween, directories, mutate, randomFrom, snapshot, undoUnseen } from './tree.ts';
import { change, containerTarget, imageWork, kubeWork, portsWith, rule } from './work.ts';

const live = new AbortController().signal;

describe.skipIf(!hasDocker)('in place by Docker', () => {
  let daemon: DockerPort;
  beforeAll(async () => {
    daemon = await connectDocker({ env: process.env, home: homedir() });
    return () => daemon.close();
  });

  /** A strategy on the real daemon; its helpers are gone after the test. */
  function updater() {
    const synclets = createSynclets();
    onTestFinished(() => synclets.closeAll());
    const ports = portsWith({ docker: async () => daemon });
    const strategy = containerStrategy(synclets);
    const run = async (work: KubeWork, stop = live): Promise<Outcome> => {
      // Nothing to do names no rule.
      const { because = 'in place: sync at', ...claim } = strategy.claim(work);
      expect(claim).toEqual({ take: true });
      expect(because).toMatch(/^in place: sync at/);
      const last = await lastValueFrom(strategy.run(work, stop, ports));
      if (last.is !== 'ended') throw new Error('the run did not end');
      return last.outcome;
    };
    return { run, ports };
  }

  it('ends with the tree a full build would give, after any sequence of changes', { timeout: 120_000 }, async () => {
    const seed = Number(process.env.SEED ?? 20261125);
    const random = randomFrom(seed);
    const dir = tempProject({ 'src/a': 'first', 'src/b/c.js': 'first' });
    const src = `${dir}/src`;
    const base = await busyboxImage();
    const dockerfile = `FROM ${base}\nCOPY src /app/src\n`;
    const image = await build(dir, dockerfile);
    let id = await container(image);
    const { run } = updater();
    const pending = new Map<string, FileChange>();
    let [ledger, before, known] = [1, snapshot(src), directories(src)];
    const story: string[] = [];
    for (let round = 2; round <= 60; round++) {
      for (let n = 1 + random(6); n > 0; n--) story.push(`${round} ${mutate(src, random)}`);
      const after = snapshot(src);
      const changes = changesBetween(before, after, round);
      for (const each of changes) pending.set(each.path, each);
      undoUnseen(src, known, changes);
      [before, known] = [after, directories(src)];
      // Now and then a change is not brought in at once, the container restarts, or is replaced and knows nothing.
      const luck = random(10);
      if (luck === 0) continue;
      if (luck === 1) await docker('restart', '-t', '0', id);
      if (luck === 2) [id, ledger] = [await container(image), 1];
      const files = [{ base: '/', patterns: [] }];
      const work = kubeWork(
        [imageWork([rule.sync(src, '/app/src')], [...pending.values()], { files: { roots: [src], filters: files } })],
        [containerTarget({ id: `docker://${id}`, ledger })],
        { change: round },
      );
      const outcome = await run(work);
      expect(outcome, `seed ${seed}\n${story.join('\n')}`).toMatchObject({ is: 'ok' });
      ledger = round;
      if (round % 10 !== 0 && round !== 60) continue;
      const full = await container(await build(dir, dockerfile));
      expect(await treeIn(id, '/app'), `seed ${seed}\n${story.join('\n')}`).toBe(await treeIn(full, '/app'));
    }
  });

  it('runs steps, keeps the files when one fails, and says which', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const id = await container(await busyboxImage(), ['-w', '/bin']);
    const { run, ports } = updater();
    const rules = [rule.sync(`${dir}/src`, '/app'), rule.run('echo to build log; pwd'), rule.run('exit 3')];
    const image = imageWork(rules, [change(`${dir}/src/x`)], { files: { roots: [dir], filters: [] } });

    const outcome = await run(kubeWork([image], [containerTarget({ id: `docker://${id}` })]));

    expect(outcome).toMatchObject({
      is: 'failed',
      phase: 'update',
      problem: {
        code: 'S702',
        what: '"exit 3" ended with code 3 in web-1/web (last output of the steps: /bin)',
        logTail: expect.arrayContaining(['to build log', '/bin']),
      },
      ledgers: {},
      inconsistent: false,
    });
    expect(await docker('exec', id, 'cat', '/app/x')).toBe('1');
    expect(ports.logs.tail({ sources: ['build'] }, 10).lines.map(({ text }) => text)).toContain('to build log');
  });

  it('containers that disagree afterwards need a full build', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const image = await busyboxImage();
    const [good, bad] = [await container(image, ['-e', 'CODE=0']), await container(image, ['-e', 'CODE=1'])];
    const { run } = updater();
    const work = kubeWork(
      [
        imageWork([rule.sync(`${dir}/src`, '/app'), rule.run('exit $CODE')], [change(`${dir}/src/x`)], {
          files: { roots: [dir], filters: [] },
        }),
      ],
      [
        containerTarget({ id: `docker://${bad}`, pod: 'bad' }),
        containerTarget({ id: `docker://${good}`, pod: 'good' }),
      ],
    );
    expect(await run(work)).toMatchObject({ is: 'failed', inconsistent: true, ledgers: { [`docker://${good}`]: 2 } });
    expect(await docker('exec', good, 'cat', '/app/x')).toBe('1');
  });

  it('reaches a container without a shell by an archive, and declines what would need one', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const id = await container(await busyboxImage([]));
    const { run } = updater();
    const target = containerTarget({ id: `docker://${id}` });
    const files = { files: { roots: [dir], filters: [] } };
    const rules = [rule.sync(`${dir}/src`, '/app')];
    const before = Math.floor(Date.now() / 1000);

    expect(await run(kubeWork([imageWork(rules, [change(`${dir}/src/x`)], files)], [target]))).toMatchObject({
      is: 'ok',
    });

    expect(await docker('exec', id, '/bin/busybox', 'cat', '/app/x')).toBe('1');
    expect(Number(await docker('exec', id, '/bin/busybox', 'stat', '-c', '%Y', '/app/x'))).toBeGreaterThanOrEqual(
      before,
    );
    const gone = imageWork(rules, [change(`${dir}/src/gone`, 'removed')], files);
    expect(await run(kubeWork([gone], [target]))).toMatchObject({
      is: 'declined',
      because: expect.stringContaining('no shell'),
    });
  });

  it.each([
    ['a read-only file system', ['--read-only'], 'read-only'],
    ['a user whose files would not belong to whom the build gave them', ['--user', '1000'], 'belongs to 0:0'],
  ])('declines %s with the reason', async (_, options, because) => {
    const dir = tempProject({ 'src/x': '1' });
    const id = await container(await busyboxImage(), options);
    const { run } = updater();
    const image = imageWork([rule.sync(`${dir}/src`, '/app')], [change(`${dir}/src/x`)], {
      files: { roots: [dir], filters: [] },
    });
    expect(await run(kubeWork([image], [containerTarget({ id: `docker://${id}` })]))).toMatchObject({
      is: 'declined',
      because: expect.stringContaining(because),
    });
  });

  it('an ordinary user updates what is his', async () => {
    const dir = tempProject({ 'src/x': 'new' });
    const image = await build(dir, `FROM ${await busyboxImage()}\nRUN mkdir -p /app && chown 1000:0 /app\nUSER 1000\n`);
    const id = await container(image);
    const { run } = updater();
    const work = imageWork([rule.sync(`${dir}/src`, '/app')], [change(`${dir}/src/x`)], {
      files: { roots: [dir], filters: [] },
    });
    expect(await run(kubeWork([work], [containerTarget({ id: `docker://${id}` })]))).toMatchObject({ is: 'ok' });
    expect(await docker('exec', id, 'stat', '-c', '%u', '/app/x')).toBe('1000');
  });

  it('comes back after the helper was killed, and after the container restarted', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const id = await container(await busyboxImage());
    const { run } = updater();
    const work = () =>
      kubeWork(
        [
          imageWork([rule.sync(`${dir}/src`, '/app')], [change(`${dir}/src/x`)], {
            files: { roots: [dir], filters: [] },
          }),
        ],
        [containerTarget({ id: `docker://${id}` })],
      );
    expect(await run(work())).toMatchObject({ is: 'ok' });
    await docker('restart', '-t', '0', id);
    writeFiles(dir, { 'src/x': '2' });
    expect(await run(work())).toMatchObject({ is: 'ok' });
    expect(await docker('exec', id, 'cat', '/app/x')).toBe('2');
  });

  it('restarts the container and keeps the files', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const id = await container(await busyboxImage());
    const { run } = updater();
    const startedAt = () => docker('inspect', '-f', '{{.State.StartedAt}}', id);
    const before = await startedAt();
    const image = imageWork([rule.sync(`${dir}/src`, '/app'), rule.restart('container')], [change(`${dir}/src/x`)], {
      files: { roots: [dir], filters: [] },
    });
    expect(await run(kubeWork([image], [containerTarget({ id: `docker://${id}` })]))).toMatchObject({ is: 'ok' });
    expect(await startedAt()).not.toBe(before);
    expect(await docker('exec', id, 'cat', '/app/x')).toBe('1');
  }, 30_000);

  it('a thousand files are one update', async () => {
    const dir = tempProject(
      Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`src/d${i % 10}/f${i}`, `${i}`])),
    );
    const id = await container(await busyboxImage());
    const { run } = updater();
    const changes = Array.from({ length: 1000 }, (_, i) => change(`${dir}/src/d${i % 10}/f${i}`, 'added'));
    const image = imageWork([rule.sync(`${dir}/src`, '/app')], changes, { files: { roots: [dir], filters: [] } });
    expect(await run(kubeWork([image], [containerTarget({ id: `docker://${id}` })]))).toMatchObject({ is: 'ok' });
    expect(
      await docker(
        'exec',
        id,
        'sh',
        '-c',
        'find /app -type f | xargs cat | sha256sum | head -c 1; ls /app 2>/dev/null; find /app -type f -exec cat {} + >/dev/null; find /app -type f | sort | head -n 1',
      ),
    ).toContain('/app/d0/f0');
  });

  it('a cancel ends a running step and leaves nothing of it', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const id = await container(await busyboxImage());
    const { run, ports } = updater();
    const stop = new AbortController();
    const image = imageWork(
      [rule.sync(`${dir}/src`, '/app'), rule.run('echo begun; sleep 1000 & wait')],
      [change(`${dir}/src/x`)],
      { files: { roots: [dir], filters: [] } },
    );
    const begun = ports.logs.lines$.subscribe((lines) => lines.some(({ text }) => text === 'begun') && stop.abort());
    onTestFinished(() => begun.unsubscribe());
    expect(await run(kubeWork([image], [containerTarget({ id: `docker://${id}` })]), stop.signal)).toMatchObject({
      is: 'cancelled',
    });
    expect(await docker('exec', id, 'ps')).not.toContain('sleep 1000\n');
  });
});
