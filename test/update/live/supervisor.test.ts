import { homedir } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { supervise } from '../../../src/update/live/supervisor.ts';
import { openSession } from '../../../src/update/live/synclet/shell.ts';
import { docker as hasDocker } from '../../support/capability.ts';
import { busyboxImage, container, docker } from './docker.ts';

const image = { entrypoint: ['/entry', '$HOME'], cmd: ['arg'] };
/** What Kubernetes makes of commands and arguments before it runs them. */
const expanded = (words: readonly string[]) => words.map((word) => word.replaceAll('$$', '$'));

describe('the supervised container', () => {
  it.each([
    ['neither', {}, ['/entry', '$$HOME', 'arg']],
    ['arguments', { args: ['$(X)'] }, ['/entry', '$$HOME', '$(X)']],
    ['a command', { command: ['/own'] }, ['/own']],
    ['both', { command: ['/own'], args: ['a'] }, ['/own', 'a']],
  ])('runs what Kubernetes would run where the pod names %s', (_, fields, original) => {
    const supervised = supervise({ name: 'web', image: 'x', ...fields }, image);
    expect(supervised.args).toEqual(original);
    expect(supervised.command?.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(supervised.image).toBe('x');
  });

  it('is wrapped once', () => {
    const once = supervise({ name: 'web' }, image);
    expect(supervise(once, image)).toEqual(once);
  });

  it('needs a command', () => {
    expect(() => supervise({ name: 'web' }, { entrypoint: [], cmd: [] })).toThrow(
      'neither the manifest nor the image names a command',
    );
  });
});

describe.skipIf(!hasDocker)('the supervisor as pid 1', () => {
  const started = async (...cmd: readonly string[]): Promise<string> => {
    const { command = [], args = [] } = supervise({ name: 'web', command: cmd }, { entrypoint: [], cmd: [] });
    return container(await busyboxImage(), ['--entrypoint', '/bin/sh'], expanded([...command.slice(1), ...args]));
  };
  const waitFor = async (what: () => Promise<string>, wanted: RegExp): Promise<string> => {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const text = await what().catch((error: Error) => error.message);
      if (wanted.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`waited for ${wanted}, had ${text}`);
    }
  };
  const noted = (id: string) => waitFor(() => docker('exec', id, 'cat', '/dev/shm/.sluice-web'), /^1 \d+ \d+$/);
  const exitCode = (id: string) => docker('wait', id);

  async function restarter(id: string) {
    const daemon = await connectDocker({ env: process.env, home: homedir() });
    onTestFinished(() => daemon.close());
    const live = new AbortController().signal;
    const session = await openSession((cmd) => daemon.exec(id, cmd, { stdin: true }, live));
    if (session.is !== 'open') throw new Error(session.because);
    onTestFinished(() => session.close());
    const request = {
      unlinks: [],
      parents: [],
      removes: [],
      emptied: [],
      dirs: [],
      entries: [],
      runs: [],
      restart: 'web',
    };
    return () => session.send(request, createDisk(), () => {}, live);
  }

  it('restarts the process as often as it is asked, each time another one', async () => {
    const id = await started('sleep', '100000');
    await noted(id);
    const restart = await restarter(id);
    const pids = new Set<number>();
    for (let n = 0; n < 10; n++) {
      const answer = await restart();
      if (answer.is !== 'ok' || !answer.restarted) throw new Error(answer.is);
      pids.add(answer.restarted.from).add(answer.restarted.to);
    }
    expect(pids.size).toBe(11);
    expect((await docker('exec', id, 'ps')).match(/sleep 100000$/gm)).toHaveLength(2);
    expect(await docker('exec', id, 'ps', '-o', 'stat')).not.toMatch(/^Z/m);
  }, 60_000);

  it('takes what the old process left behind with it', async () => {
    const id = await started('sh', '-c', '(trap "" TERM; while :; do sleep 4711; done) & sleep 100000; :');
    await noted(id);
    const restart = await restarter(id);
    for (let n = 0; n < 3; n++) expect(await restart()).toMatchObject({ is: 'ok' });
    await waitFor(() => docker('exec', id, 'ps'), /\d +\S+ +sleep 4711$/m);
    expect((await docker('exec', id, 'ps')).match(/\d +\S+ +sleep 4711$/gm)).toHaveLength(1);
  }, 60_000);

  it('kills a process that does not end', async () => {
    const id = await started('sh', '-c', 'trap "" TERM; while :; do sleep 1; done');
    await noted(id);
    expect(await (await restarter(id))()).toMatchObject({ is: 'ok' });
  }, 60_000);

  it.each([
    ['exit 0', '0'],
    ['exit 7', '7'],
    ['kill -KILL $$', '137'],
  ])(
    'ends with the code of a process that ends by itself: %s',
    async (cmd, code) => {
      expect(await exitCode(await started('sh', '-c', cmd.replaceAll('$', '$$$$')))).toBe(code);
    },
    30_000,
  );

  it('passes TERM on and waits for the process', async () => {
    const id = await started('sh', '-c', 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.05; done');
    await waitFor(() => docker('logs', id), /up/);
    await docker('stop', '-t', '20', id);
    expect([await docker('logs', id), await exitCode(id)]).toEqual(['up\nbye', '5']);
  }, 60_000);

  it('a container started without it says so, and nothing is touched', async () => {
    const id = await container(await busyboxImage());
    expect(await (await restarter(id))()).toMatchObject({ is: 'files-failed', code: 100 });
  }, 30_000);
});
