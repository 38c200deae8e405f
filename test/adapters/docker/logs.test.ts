import { lastValueFrom, take, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import { limits } from '../../../src/model/limits.ts';
import type { DockerPort } from '../../../src/model/ports.ts';
import { docker } from '../../support/capability.ts';
import { eventually } from '../../support/facts.ts';
import { base, buildOf, removeLayers, seen } from './builds/context.ts';
import { cuttableDaemon } from './cuttable-daemon.ts';
import { runningContainer } from './running-container.ts';

const never = new AbortController().signal;
const image = 'sluice-test/logs:1';

describe.skipIf(!docker)('container logs', () => {
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

  const whole = async (from: DockerPort, id: string, since: number | null, most = Number.POSITIVE_INFINITY) => {
    const frames = await lastValueFrom(from.logs(id, since).pipe(take(most), toArray()), { defaultValue: [] });
    const of = (stream: string) =>
      frames.filter((frame) => frame.stream === stream).map((frame) => String(frame.chunk));
    return { out: of('stdout').join(''), err: of('stderr').join('') };
  };

  it('come from the start, streams apart, without the times, and complete with the container', async () => {
    const { id } = await runningContainer(image, ['sh', '-c', 'echo one; echo bad >&2; sleep 1; echo two']);
    expect(await whole(port, id, null)).toEqual({ out: 'one\ntwo\n', err: 'bad\n' });
    expect(await whole(port, id, null)).toEqual({ out: 'one\ntwo\n', err: 'bad\n' });
  });

  it('come from a given time on', async () => {
    const container = await runningContainer(image, ['sh', '-c', 'echo one; sleep 2; echo two']);
    const started = Date.parse((await container.inspect()).State.StartedAt);
    expect((await whole(port, container.id, started + 1_000)).out).toBe('two\n');
  });

  it('of the starts before are there while a container runs, with none of the present one', async () => {
    const text = 'trap "exit 0" TERM; echo x >> /n; echo up $(wc -l < /n); while :; do sleep 0.1; done';
    const { id } = await runningContainer(image, ['sh', '-c', text]);
    const earlier = async () => {
      const said = await port.earlierLogs(id, never);
      if (said === null) return null;
      const texts: string[] = [];
      for await (const { at, text } of said) texts.push(`${at > 0} ${text}`);
      return texts;
    };
    expect(await earlier()).toBeNull();
    for (const start of [1, 2]) {
      const heard: string[] = [];
      const following = port.logs(id, null).subscribe(({ chunk }) => void heard.push(String(chunk)));
      await eventually(() => heard.includes(`up ${start}\n`) || null, `start ${start}`);
      following.unsubscribe();
      await port.restart(id, never);
    }
    expect(await earlier()).toEqual(['true up 1\n', 'true up 2\n']);
  });

  it('come once over the starts of a container, each followed anew', async () => {
    const { id } = await runningContainer(image, [
      'sh',
      '-c',
      'trap "exit 0" TERM; echo x >> /n; echo up $(wc -l < /n); while :; do sleep 0.1; echo and on; done',
    ]);
    const lines: string[] = [];
    const follow = async () => {
      const startedAt = (await port.container(id))?.startedAt ?? 0;
      return port
        .logs(id, startedAt - limits.dockerStartNotedMs, true)
        .subscribe(({ chunk }) => void (/^up/.test(String(chunk)) && lines.push(String(chunk))));
    };
    // Before 23 the streams that were open go on as well, and which of them tells a line, and when, is not certain.
    const starts = Number.parseInt((await port.info()).version, 10) < 23 ? 1 : 4;
    const said = (count: number) => eventually(() => lines.length >= count || null, `${count} lines`);
    const followed = [await follow()];
    await said(1);
    for (let start = 2; start <= starts; start += 1) {
      await port.restart(id, never);
      // On some Dockers the one before has told the first line of this start already.
      followed.push(await follow());
      await said(start);
    }
    for (const each of followed) each.unsubscribe();
    expect(lines).toEqual(['up 1\n', 'up 2\n', 'up 3\n', 'up 4\n'].slice(0, starts));
  });

  it('lose and repeat nothing when the connection is cut again and again', async () => {
    const daemon = await cuttableDaemon();
    const other = await connectDocker({ env: { DOCKER_HOST: daemon.DOCKER_HOST }, home: '/nowhere' });
    onTestFinished(() => other.close());
    const { id } = await runningContainer(image, [
      'sh',
      '-c',
      'for i in $(seq 1 40); do echo "$i a"; echo "$i b"; sleep 0.1; done',
    ]);
    let cuts = 0;
    const lines = await new Promise<string>((resolve, reject) => {
      let got = '';
      other.logs(id, null).subscribe({
        next: ({ chunk }) => {
          got += Buffer.from(chunk).toString();
          if (/(?:^|\n)(?:10|20|30) a\n$/.test(got)) {
            cuts++;
            daemon.cut();
          }
        },
        error: reject,
        complete: () => resolve(got),
      });
    });
    expect(cuts).toBe(3);
    expect(lines).toBe(Array.from({ length: 40 }, (_, i) => `${i + 1} a\n${i + 1} b\n`).join(''));
  });

  it('keep long lines whole, and those of a terminal', async () => {
    const long = await runningContainer(image, [
      'sh',
      '-c',
      'head -c 50000 /dev/zero | tr "\\0" x 2>/dev/null || seq -s x 20000; echo end',
    ]);
    const { out } = await whole(port, long.id, null);
    expect(out).not.toMatch(/\d{4}-\d\d-\d\dT/);
    expect(out.endsWith('end\n')).toBe(true);
    const tty = await runningContainer(image, ['sh', '-c', 'echo one; echo two'], { Tty: true });
    expect((await whole(port, tty.id, null)).out).toBe('one\r\ntwo\r\n');
  });

  it.each([false, true])('are whole right after a look at what has ended since, terminal: %s', async (Tty) => {
    const cmd = ['sh', '-c', 'trap "echo end; exit 0" TERM; echo one; while :; do sleep 0.1; done'];
    const container = await runningContainer(image, cmd, { Tty });
    await eventually(async () => (await whole(port, container.id, 0, 1)).out !== '' || null, 'its first line');
    expect((await port.engine.look(container.id, never))?.state).toBe('running');
    await container.stop();
    const end = Tty ? '\r\n' : '\n';
    expect((await whole(port, container.id, null)).out).toBe(`one${end}end${end}`);
    expect((await whole(port, container.id, null)).out).toBe(`one${end}end${end}`);
  });

  it('complete when the container is removed under them', async () => {
    const container = await runningContainer(image, ['sh', '-c', 'echo one; sleep 600']);
    const read = new Promise<void>((resolve, reject) => {
      port
        .logs(container.id, null)
        .subscribe({ next: () => void container.remove({ force: true }), error: reject, complete: resolve });
    });
    await read;
    await eventually(async () => (await port.container(container.id)) === null || null, 'it is removed');
  });

  it('reject for a container that never was', async () => {
    await expect(whole(port, 'sluice-test-no-such', null)).resolves.toEqual({ out: '', err: '' });
  });
});
