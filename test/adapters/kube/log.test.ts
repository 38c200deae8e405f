import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, map, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import { limits } from '../../../src/model/limits.ts';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { tempProject } from '../../support/temp.ts';
import { fakeCluster, sendJson, status } from './fake-server.ts';
import { never, type Testbed, testbed, until } from './testbed.ts';

const place = { namespace: 'x', name: 'p', container: 'main' };
const running = {
  status: { containerStatuses: [{ name: 'main', containerID: 'containerd://1', state: { running: {} } }] },
};
const stamped = (nanos: number, text: string) => `2026-01-01T00:00:00.${String(nanos).padStart(9, '0')}Z ${text}\n`;

describe('a followed log', () => {
  it('goes on after a cut and after a quiet end, until the container has ended, without a repeat', async () => {
    let logs = 0;
    let hasEnded = false;
    const { kube, requests } = await fakeCluster(({ url, response }) => {
      if (!url.pathname.endsWith('/log'))
        return sendJson(response, { ...running, ...(hasEnded ? { status: {} } : {}) });
      logs += 1;
      if (logs === 1) {
        response.write(
          `${stamped(1, 'one') + stamped(2, 'two') + stamped(2, 'twin')}2026-01-01T00:00:00.000000003Z cut o`,
        );
        setImmediate(() => response.destroy());
      } else if (logs === 2)
        response.end(stamped(1, 'one') + stamped(2, 'two') + stamped(2, 'twin') + stamped(3, 'cut off'));
      else {
        hasEnded = true;
        response.end(stamped(2, 'twin') + stamped(3, 'cut off') + stamped(4, 'last'));
      }
    });
    const lines = await lastValueFrom(kube.logs(place, { since: null, follow: true }).pipe(toArray()));
    expect(lines.map((line) => line.text)).toEqual(['one', 'two', 'twin', 'cut off', 'last']);
    expect(lines[0]!.at).toBe(Date.parse('2026-01-01T00:00:00Z'));
    const resumed = requests.filter((url) => url.pathname.endsWith('/log'))[1]!.searchParams.get('sinceTime');
    expect(resumed).toBe('2025-12-31T23:59:59.950Z');
  });

  it('cuts a line of a megabyte and keeps the next one whole', async () => {
    const { kube } = await fakeCluster(({ response }) => {
      response.end(`${stamped(1, 'x'.repeat(1_000_000))}${stamped(2, 'next')}`);
    });
    const lines = await lastValueFrom(kube.logs(place, { since: null, follow: false }).pipe(toArray()));
    expect(lines[0]!.text.length).toBeGreaterThanOrEqual(limits.logLineBytes);
    expect(lines[0]!.text.length).toBeLessThan(4 * limits.logLineBytes + 100);
    expect(lines[0]!.text.length + (lines[0]!.missing ?? 0)).toBe(1_000_000);
    expect(lines[1]).toMatchObject({ text: 'next', missing: 0 });
  });

  it('is closed at the server when it is dropped', async () => {
    const { kube, sockets } = await fakeCluster(({ url, response }) => {
      if (url.pathname.endsWith('/log')) response.write(stamped(1, 'one'));
      else sendJson(response, running);
    });
    await firstValueFrom(kube.logs(place, { since: null, follow: true }));
    kube.close();
    await until('every connection to be closed', () => sockets.size === 0);
  });

  it('that cannot be read is a problem in the words of the cluster', async () => {
    const { kube } = await fakeCluster(({ response }) => {
      sendJson(response, status(400, 'container "main" in pod "p" is waiting to start: ContainerCreating'), 400);
    });
    await expect(lastValueFrom(kube.logs(place, { since: null, follow: true }))).rejects.toMatchObject({
      problem: { kind: 'step', what: expect.stringContaining('waiting to start') },
    });
  });
});

/** A way to the API server that can be cut. */
async function cuttable() {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const target = new URL(config.clusters[0].cluster.server);
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  config.clusters[0].cluster.server = `https://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  const kube = await connectKube({ kubeconfig: join(tempProject({ config: stringify(config) }), 'config') });
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  onTestFinished(() => {
    kube.close();
    cut();
    server.close();
  });
  return { kube, cut };
}

describe.skipIf(!cluster)('the log of a real container', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await testbed();
  });
  afterAll(() => bed.remove());

  it('arrives whole and in order over three cut connections', async () => {
    const total = 12_000;
    const script = `i=0; while [ $i -lt ${total} ]; do echo line $i; i=$((i+1)); [ $((i % 40)) = 0 ] && usleep 5000; done`;
    const { kube, cut } = await cuttable();
    await bed.startPod('counter', script, (pod) => pod.phase === 'Running' || pod.phase === 'Succeeded');
    const lines: string[] = [];
    await new Promise<void>((resolve, reject) => {
      kube
        .logs({ namespace: bed.namespace, name: 'counter', container: 'main' }, { since: null, follow: true })
        .subscribe({
          next: ({ text }) => {
            lines.push(text);
            if ([2_000, 5_000, 8_000].includes(lines.length)) setImmediate(cut);
          },
          error: reject,
          complete: resolve,
        });
    });
    expect(lines).toEqual(Array.from({ length: total }, (_, index) => `line ${index}`));
  });

  it('ends with its container, and the one before a restart can still be read', async () => {
    const script = 'echo life; sleep 1; exit 1';
    await bed.startPod('mortal', script, (pod) => pod.containers[0]?.state === 'running', { restartPolicy: 'Always' });
    const mortal = { namespace: bed.namespace, name: 'mortal', container: 'main' };
    const texts = (options: object) =>
      lastValueFrom(
        bed.kube.logs(mortal, { since: null, follow: false, ...options }).pipe(
          map((line) => line.text),
          toArray(),
        ),
      );
    expect(await texts({ follow: true })).toEqual(['life']);
    const { containers } = await bed.startPod('mortal-2', script, (pod) => pod.restarts > 0, {
      restartPolicy: 'Always',
    });
    expect(containers[0]!.last).toMatchObject({ exitCode: 1, reason: 'Error' });
    const before = { ...mortal, name: 'mortal-2' };
    const previous = await lastValueFrom(
      bed.kube.logs(before, { since: null, follow: false, previous: true }).pipe(toArray()),
    );
    expect(previous.map((line) => line.text)).toEqual(['life']);
    expect(await texts({ since: Date.now() + 60_000 })).toEqual([]);
  });

  it('of a pod that is gone is empty', async () => {
    const lines = bed.kube.logs(
      { namespace: bed.namespace, name: 'gone', container: 'main' },
      { since: null, follow: true },
    );
    expect(await firstValueFrom(lines.pipe(toArray()))).toEqual([]);
    expect(
      await bed.kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'gone', namespace: bed.namespace }, never),
    ).toBeNull();
  });
});
