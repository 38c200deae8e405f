// Wherever the other side cuts a connection off, the call that used it hears of it and nothing else does: an error event of
// a stream that nobody listens to would end the process, and the test with it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { lastValueFrom, type Observable, takeUntil, timer } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../src/adapters/docker/index.ts';
import { connectKube } from '../../src/adapters/kube/index.ts';
import { createNet } from '../../src/adapters/net/index.ts';
import type { DockerPort, KubePort } from '../../src/model/ports.ts';

const cuts = {
  'before a word': (socket: net.Socket) => socket.destroy(),
  'by a reset': (socket: net.Socket) => socket.resetAndDestroy(),
  'within the headers': (socket: net.Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Ty', () => socket.destroy()),
  'within the body': (socket: net.Socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"kind":', () =>
      socket.resetAndDestroy(),
    ),
  'within a chunk': (socket: net.Socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"stream":"x"', () => socket.destroy()),
  'after an upgrade': (socket: net.Socket) =>
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n', () =>
      socket.resetAndDestroy(),
    ),
} as const;

/** Answers the first words a client says on a connection; whole answers where `pass` has one. */
async function server(cut: (socket: net.Socket) => unknown, pass: (request: string) => string | null): Promise<number> {
  const listening = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const whole = pass(data.toString().split('\r\n')[0] ?? '');
      if (whole === null) cut(socket);
      else socket.write(`HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nContent-Length: ${whole.length}\r\n\r\n${whole}`);
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listening.close());
  return (listening.address() as AddressInfo).port;
}

const stop = AbortSignal.timeout(20_000);
const soon = (stream$: Observable<unknown>) =>
  lastValueFrom(stream$.pipe(takeUntil(timer(1_000))), { defaultValue: null });
/** What it comes to is told elsewhere; here that it ends, and that nobody else hears of it. */
async function ended(calls: readonly Promise<unknown>[]): Promise<readonly number[]> {
  const late = new Set(calls.keys());
  const all = Promise.allSettled(calls.map((call, i) => call.catch(() => {}).finally(() => late.delete(i))));
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 30_000))]);
  return [...late];
}

const tar = () => Readable.from([Buffer.alloc(100_000)]);

const ofDocker = (port: DockerPort): readonly Promise<unknown>[] => [
  port.info(stop),
  soon(
    port.build(
      {
        context: { root: '/', entries: [], mtime: 0, disk: { read: () => [], readText: async () => '', tar } },
        dockerfile: 'Dockerfile',
        dockerfileText: 'FROM scratch',
        target: null,
        args: {},
        platform: null,
        labels: {},
        tags: ['x:1'],
        secrets: [],
        ssh: [],
      },
      stop,
    ),
  ),
  soon(port.push('localhost:1/x:1', stop)),
  port.inRegistry('localhost:1/x:1', stop),
  port.image('x'),
  port.images('l'),
  port.hasPath('x', '/bin', stop),
  port.tag('x', 'y:1'),
  port.removeImage('x'),
  port.containers({}),
  port.container('c'),
  port.exec('c', ['sh'], { stdin: true }, stop).then(({ exit }) => exit),
  port.putArchive('c', '/', Readable.from([Buffer.alloc(100_000)]), stop),
  port.restart('c', stop),
  soon(port.logs('c', null)),
  soon(port.events()),
];

const pod = { namespace: 'default', name: 'p', container: 'c' };
const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: 'default' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } };

const ofKube = (port: KubePort): readonly Promise<unknown>[] => [
  port.version(stop),
  port.get(ref, stop),
  port.apply(object, stop),
  port.create(object, stop),
  port.replace(object, stop),
  port.delete(ref, stop),
  port.list('v1', 'Pod', null, null, stop),
  port.kinds(stop),
  port.isNamespaced('x/v1', 'X', stop),
  soon(port.watch('pods', 'default')),
  soon(port.logs(pod, { since: null, follow: true })),
  port.exec(pod, ['sh'], { stdin: true }, stop).then(({ exit }) => exit),
  port.dial(pod, 80, stop).then((socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve))),
  port.registry(stop),
];

describe.each(Object.entries(cuts))('cut off %s', (_, cut) => {
  it('ends each call to Docker, and nothing else', async () => {
    const info = JSON.stringify({
      ID: 'd',
      ServerVersion: '29',
      Architecture: 'x86_64',
      Name: 'd',
      ApiVersion: '1.44',
    });
    let isUp = true;
    const at = await server(cut, (line) => (isUp && /\/(_ping|version|info)/.test(line) ? info : null));
    const port = await connectDocker({ env: { DOCKER_HOST: `tcp://127.0.0.1:${at}` }, home: '/nowhere' });
    isUp = false;
    expect(await ended(ofDocker(port))).toEqual([]);
    port.close();
  });

  it('ends each call to a cluster, and nothing else', async () => {
    let isUp = true;
    const at = await server(cut, (line) => (isUp && line.includes('/version') ? '{"gitVersion":"v1.34.0"}' : null));
    const dir = mkdtempSync(join(tmpdir(), 'sluice-cut-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const kubeconfig = join(dir, 'config');
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:${at}"}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n`,
    );
    const port = await connectKube({ kubeconfig });
    isUp = false;
    expect(await ended(ofKube(port))).toEqual([]);
    port.close();
  });

  it('ends a probe, and nothing else', async () => {
    const at = await server(cut, () => null);
    const probe = createNet(async () => null);
    const { ok } = await probe.http(`http://127.0.0.1:${at}/`, stop);
    expect(typeof ok).toBe('boolean');
  });
});
