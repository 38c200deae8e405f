// What is cut off in the middle of an update in place: the container, the pod, the connection, a step.
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster, docker, kubeconfig } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { freePort } from '../../support/facts.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { allHold, fileIn, killContainer, liveProject, podsOf } from './project.ts';

const index = '/www/index.html';
const slow = '      - run: {cmd: "echo begun; sleep 5; echo ran >>/ran"}';

/** A proxy before the API server that can be cut, and a kubeconfig that leads through it. */
async function wayToCluster() {
  const text = readFileSync(kubeconfig, 'utf8');
  const [, host = '', to = ''] = /server: "?https:\/\/([^:"]+):(\d+)/.exec(text) ?? [];
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(to), host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  const path = join(tempProject(), 'kubeconfig');
  writeFileSync(path, text.replaceAll(`${host}:${to}`, `127.0.0.1:${port}`));
  return {
    env: { KUBECONFIG: path },
    cut,
    mend: () => {
      isCut = false;
    },
  };
}

describe.skipIf(!docker || !cluster)('an update in place that is cut off', () => {
  it('by a restart of the container is made up for in the new one', async () => {
    const { dir, namespace, args } = await liveProject('killed', { rules: slow });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    writeFileSync(join(dir, 'web/www/index.html'), 'survives');
    await session.logged(({ text }) => text === 'begun', 'the step has begun');
    await killContainer(namespace, pods[0] as string);
    expect(await allHold(namespace, 1, '/ran', 'ran\n')).toEqual(pods);
    expect(await fileIn(namespace, pods[0] as string, index)).toBe('survives');
    const state = await session.idle();
    expect(state.resources.web).toMatchObject({ update: { status: 'ok' }, runtime: { restarts: 1 } });
    expect(state.changes.live).toBe(state.changes.seen);
    await session.stop();
  });

  it('by the end of its pod is made up for in the next pod', async () => {
    const { dir, namespace, args } = await liveProject('deleted', { rules: slow });
    const session = drive(dir, args);
    await session.idle();
    const [pod = ''] = await podsOf(namespace);
    writeFileSync(join(dir, 'web/www/index.html'), 'survives');
    await session.logged(({ text }) => text === 'begun', 'the step has begun');
    await kubectl('-n', namespace, 'delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false');
    const now = await allHold(namespace, 1, '/ran', 'ran\n');
    expect(now).not.toContain(pod);
    expect(await fileIn(namespace, now[0] as string, index)).toBe('survives');
    const state = await session.idle();
    expect(state.resources.web?.update.status).toBe('ok');
    await session.stop();
  });

  it('by the API server arrives once that is back, by a new helper', async () => {
    const { dir, namespace, args } = await liveProject('cut');
    const way = await wayToCluster();
    const session = drive(dir, args, { env: way.env });
    await session.idle();
    const pods = await podsOf(namespace);
    await session.save('web/www/index.html', 'before');
    way.cut();
    writeFileSync(join(dir, 'web/www/index.html'), 'after');
    await session.until(({ cluster: { ok } }) => !ok, 'the cluster is known to be out of reach');
    way.mend();
    expect(await allHold(namespace, 1, index, 'after')).toEqual(pods);
    const state = await session.idle();
    expect(state.resources.web?.update).toMatchObject({ status: 'ok', strategy: 'synclet' });
    await session.stop();
  });

  it('by the API server in the middle of a step does not run the step twice', async () => {
    const { dir, namespace, args } = await liveProject('cutstep', {
      rules: '      - run: {cmd: "echo begun >>/begun; sleep 3"}',
    });
    const way = await wayToCluster();
    const session = drive(dir, args, { env: way.env });
    await session.idle();
    const pods = await podsOf(namespace);
    writeFileSync(join(dir, 'web/www/index.html'), 'one');
    await allHold(namespace, 1, '/begun', 'begun\n');
    way.cut();
    const failed = await session.until(
      ({ resources }) => resources.web?.update.status === 'failed',
      'the update failed',
    );
    expect(failed.resources.web?.update.problem).toMatchObject({ code: 'S706' });
    way.mend();
    const state = await session.save('web/www/index.html', 'two');
    expect(state.resources.web?.update.status).toBe('ok');
    expect(await allHold(namespace, 1, '/begun', 'begun\nbegun\n')).toEqual(pods);
    await session.stop();
  });
});

describe.skipIf(!docker || !cluster)('a step that fails', () => {
  it('leaves the files there, says why, and is mended by the next save', async () => {
    const { dir, namespace, args } = await liveProject('step', { rules: '      - run: {cmd: sh /www/check.sh}' });
    writeFiles(dir, { 'web/www/check.sh': 'exit 0\n' });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    const failed = await session.save('web/www/check.sh', 'echo no such luck\nexit 3\n');
    expect(failed.resources.web?.update).toMatchObject({
      status: 'failed',
      problem: { code: 'S702', what: expect.stringContaining('code 3'), at: { file: join(dir, 'sluice.yaml') } },
    });
    expect(failed.resources.web?.update.problem?.logTail?.join('\n')).toContain('no such luck');
    expect(await fileIn(namespace, pods[0] as string, '/www/check.sh')).toContain('exit 3');
    const mended = await session.save('web/www/check.sh', 'exit 0\n');
    expect(mended.resources.web?.update.status).toBe('ok');
    expect(mended.changes.live).toBe(mended.changes.seen);
    expect(await podsOf(namespace)).toEqual(pods);
    await session.stop();
  });
});
