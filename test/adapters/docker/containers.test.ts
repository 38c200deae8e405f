import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { filter, firstValueFrom, tap } from 'rxjs';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../src/model/ports.ts';
import { isAbort } from '../../../src/model/problems/problem.ts';
import { docker } from '../../support/capability.ts';
import { base, buildOf, problemFrom, removeLayers, seen } from './builds/context.ts';
import { cuttableDaemon } from './cuttable-daemon.ts';
import { runningContainer } from './running-container.ts';

const never = new AbortController().signal;
const image = 'sluice-test/containers:1';

describe.skipIf(!docker)('containers', () => {
  let port: DockerPort;
  beforeAll(async () => {
    port = await connectDocker({ env: process.env, home: '/nowhere' });
    await seen(port.build(buildOf(base, { tags: [image] }), never));
  });
  afterAll(async () => {
    await port.removeImage(image);
    removeLayers();
    port.close();
  });

  const sleeping = () => runningContainer(image, ['sleep', '600'], { StopSignal: 'SIGKILL' });

  async function run(id: string, cmd: readonly string[]) {
    const { stdout, stderr, exit } = await port.exec(id, cmd, {}, never);
    const [out, err, { code }] = await Promise.all([text(stdout), text(stderr), exit]);
    return { out, err, code };
  }

  it('run a command and give its streams apart and its exit code', async () => {
    const { id } = await sleeping();
    expect(await run(id, ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      out: 'out\n',
      err: 'err\n',
      code: 7,
    });
  });

  it('carry 20 MB out of a command whole, to a reader that is slow to begin', async () => {
    const { id } = await sleeping();
    const { stdout, exit } = await port.exec(
      id,
      ['sh', '-c', 'dd if=/dev/zero bs=1024 count=20480 2>/dev/null'],
      {},
      never,
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect((await buffer(stdout)).length).toBe(20 * 1024 * 1024);
    expect(await exit).toEqual({ code: 0 });
  });

  it('carry input in, and its end', async () => {
    const { id } = await sleeping();
    const { stdin, stdout, exit } = await port.exec(id, ['wc', '-c'], { stdin: true }, never);
    stdin.end(Buffer.alloc(5_000_000));
    expect((await text(stdout)).trim()).toBe('5000000');
    expect(await exit).toEqual({ code: 0 });
  });

  it('answer a missing program with its code and a text', async () => {
    const { id } = await sleeping();
    const { out, err, code } = await run(id, ['nosuch']);
    expect([126, 127]).toContain(code);
    expect(out + err).toContain('nosuch');
  });

  it('reject the exit of a command that is cancelled', async () => {
    const { id } = await sleeping();
    const stop = new AbortController();
    const { exit } = await port.exec(id, ['sh', '-c', 'sleep 300'], {}, stop.signal);
    stop.abort();
    expect(isAbort(await exit.catch((error) => error))).toBe(true);
  });

  it('reject the exit of a command when the connection goes, whatever its stream said', async () => {
    const daemon = await cuttableDaemon();
    const other = await connectDocker({ env: { DOCKER_HOST: daemon.DOCKER_HOST }, home: '/nowhere' });
    onTestFinished(() => other.close());
    const { id } = await sleeping();
    const { exit, stdout } = await other.exec(id, ['sh', '-c', 'echo begun; sleep 300'], {}, never);
    await new Promise((resolve) => stdout.once('data', resolve));
    await daemon.away();
    expect(await problemFrom(exit)).toMatchObject({ kind: 'unavailable' });
  });

  it('refuse a command when they do not run', async () => {
    const { id } = await runningContainer(image, ['true']);
    await expect.poll(async () => (await port.container(id))?.running).toBe(false);
    expect((await problemFrom(port.exec(id, ['true'], {}, never))).what).toContain('not running');
  });

  it('take a tar, large files included, and say when the place is missing', async () => {
    const { id } = await sleeping();
    const tar = () => {
      const made = pack();
      made.entry({ name: 'app/deep/a.txt' }, 'hello');
      made.entry({ name: 'app/big' }, Buffer.alloc(8_000_000));
      made.finalize();
      return made as unknown as Readable;
    };
    await port.putArchive(id, '/', tar(), never);
    expect((await run(id, ['sh', '-c', 'cat /app/deep/a.txt; wc -c < /app/big'])).out).toBe('hello8000000\n');
    expect(await problemFrom(port.putArchive(id, '/no/such', tar(), never))).toMatchObject({
      code: 'S205',
      what: expect.stringContaining('/no/such'),
    });
  });

  it('give up on a tar that fails or is cancelled', async () => {
    const { id } = await sleeping();
    const failing = new Readable({
      read() {
        this.destroy(new Error('disk went away'));
      },
    });
    const put = port.putArchive(id, '/', failing, never);
    await expect(put).rejects.toThrow('disk went away');
    const stop = new AbortController();
    const endless = pack();
    endless.entry({ name: 'a' }, 'x');
    const cancelled = port.putArchive(id, '/', endless as unknown as Readable, stop.signal);
    stop.abort();
    expect(isAbort(await cancelled.catch((error) => error))).toBe(true);
  });

  it('restart, and the event stream tells of it', async () => {
    const { id } = await sleeping();
    const before = await port.container(id);
    const own$ = port.events('sluice-test=1').pipe(filter((event) => event.id === id));
    const started = firstValueFrom(own$.pipe(filter(({ action }) => action === 'start')));
    await port.restart(id, never);
    await started;
    const after = await port.container(id);
    expect(after).toMatchObject({ running: true, image, readOnlyRoot: false, labels: { 'sluice-test': '1' } });
    expect(after!.startedAt!).toBeGreaterThan(before!.startedAt!);
  });

  it('tell what happens to those of a label, and to no others; a lifeline hears of none', async () => {
    const daemon = await cuttableDaemon();
    const other = await connectDocker({ env: { DOCKER_HOST: daemon.DOCKER_HOST }, home: '/nowhere' });
    onTestFinished(() => other.close());
    other.lifeline().subscribe({ error: () => {} });
    const labelled = () => runningContainer(image, ['sleep', '600'], { StopSignal: 'SIGKILL', Labels: { own: 'a=b' } });
    const [theirs, own] = [await sleeping(), await labelled()];
    const seen: string[] = [];
    const told = firstValueFrom(
      port.events('own=a=b').pipe(
        tap(({ id }) => seen.push(id)),
        filter(({ action }) => action === 'start'),
      ),
    );
    await other.info();
    await port.restart(theirs.id, never);
    await port.restart(own.id, never);
    await told;
    expect(new Set(seen)).toEqual(new Set([own.id]));
    expect(daemon.said()).toContain('200 OK');
    for (const { id } of [theirs, own]) expect(daemon.said()).not.toContain(id);
  });

  it('tell what happened before the daemon began to tell, once they were asked', async () => {
    const daemon = await cuttableDaemon();
    const other = await connectDocker({ env: { DOCKER_HOST: daemon.DOCKER_HOST }, home: '/nowhere' });
    onTestFinished(() => other.close());
    const { id } = await sleeping();
    const go = daemon.hold();
    const own$ = other.events('sluice-test=1').pipe(filter((event) => event.id === id && event.action === 'restart'));
    const told = firstValueFrom(own$);
    await port.restart(id, never);
    go();
    expect((await told).id).toBe(id);
  });

  it('are found by label, stopped ones when asked for, and not at all when gone', async () => {
    const { id } = await sleeping();
    const stopped = await runningContainer(image, ['true'], { HostConfig: { ReadonlyRootfs: true } });
    await expect.poll(async () => (await port.container(stopped.id))?.status).toBe('exited');
    const running = (await port.containers({ label: 'sluice-test=1' })).map((one) => one.id);
    expect(running).toContain(id);
    expect(running).not.toContain(stopped.id);
    const all = await port.containers({ label: 'sluice-test=1', all: true });
    expect(all.find((one) => one.id === stopped.id)).toMatchObject({ readOnlyRoot: true, running: false });
    expect(await port.container('sluice-test-no-such')).toBeNull();
  });

  it('end all they are read by when the port is closed', async () => {
    const other = await connectDocker({ env: process.env, home: '/nowhere' });
    const { id } = await sleeping();
    const { exit } = await other.exec(id, ['sh', '-c', 'sleep 300'], {}, never);
    const logs = new Promise((resolve) =>
      other.logs(id, null).subscribe({ error: resolve, complete: () => resolve('completed') }),
    );
    const events = new Promise((resolve) =>
      other.events().subscribe({ error: resolve, complete: () => resolve('completed') }),
    );
    await other.info();
    other.close();
    expect(isAbort(await exit.catch((error) => error))).toBe(true);
    expect(await logs).toBe('completed');
    expect(await events).toMatchObject({ problem: { kind: 'unavailable' } });
  });

  it('do not tell the command of an exec in their events', async () => {
    const { id } = await sleeping();
    const event = firstValueFrom(
      port.events().pipe(filter((one) => one.id === id && one.action.startsWith('exec_create'))),
    );
    await port.info();
    await run(id, ['echo', 'password']);
    expect((await event).action).toBe('exec_create');
  });

  it('error their events as out of reach when the daemon goes', async () => {
    const daemon = await cuttableDaemon();
    const other = await connectDocker({ env: { DOCKER_HOST: daemon.DOCKER_HOST }, home: '/nowhere' });
    onTestFinished(() => other.close());
    const { id } = await sleeping();
    const failed = problemFrom(
      new Promise((_, reject) => {
        // What happens to containers of other tests cuts nothing: the question below would be lost with it.
        const own$ = other.events().pipe(filter((event) => event.id === id));
        own$.subscribe({ next: () => daemon.cut(), error: reject });
      }),
    );
    await other.info();
    await port.restart(id, never);
    expect(await failed).toMatchObject({ kind: 'unavailable', code: 'S204' });
  });
});
