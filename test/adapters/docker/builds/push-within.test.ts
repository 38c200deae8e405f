// A build that is pushed as it is built: by a Docker that keeps images in containerd; by another it is built alone, and by this one
// too where the push does not work, so that the daemon's own push says why.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import type { BuildEvent, DockerPort } from '../../../../src/model/ports.ts';
import { cluster, docker } from '../../../support/capability.ts';
import { eventually } from '../../../support/facts.ts';
import { tempProject } from '../../../support/temp.ts';
import { buildOf, removeLayers, seen } from './context.ts';

const never = new AbortController().signal;
const unique = () => randomBytes(8).toString('hex');

/** A registry that answers with `answer`; on which connections, and what it was told of whoever asked. */
async function registry(answer: http.RequestListener) {
  const [told, open, asked]: [Set<string>, Set<Socket>, string[]] = [new Set(), new Set(), []];
  const server = http.createServer((request, response) => {
    told.add(request.headers.authorization ?? '');
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket.once('close', () => open.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `localhost:${(server.address() as AddressInfo).port}`, told, open, asked };
}

const refuses: http.RequestListener = (_, response) => {
  response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"', 'content-type': 'application/json' });
  response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
};

describe.skipIf(!docker)('a build that is pushed as it is built', () => {
  let port: DockerPort;
  let isWithin: boolean;
  beforeAll(async () => {
    port = await connectDocker({ env: process.env, home: '/nowhere' });
    const { store, buildkit } = await port.info();
    isWithin = store === 'containerd' && buildkit;
  });
  afterAll(() => {
    removeLayers();
    port.close();
  });

  /** Its name is taken away after the test, where it has one. */
  async function built(pushAs: string, by = port, stop = never) {
    onTestFinished(() => port.removeImage(pushAs));
    const build = buildOf('FROM scratch\nCOPY page /page\n', { pushAs, files: { page: unique() } });
    const { events } = await seen(by.build(build, stop));
    const steps = events.flatMap((event) => (event.is === 'step' && event.state === 'done' ? [event.name] : []));
    return { last: events.at(-1), steps };
  }

  it.skipIf(!cluster)('is in the registry under the digest that is told, and in Docker under its name', async () => {
    const name = `localhost:5000/sluice-test/within-${unique()}:a`;
    const { last, steps } = await built(name);
    if (!isWithin) {
      expect(last).toEqual({ is: 'built', id: expect.stringMatching(/^sha256:/) });
      expect(await port.image(name)).toBeNull();
      return;
    }
    const { id, pushed = '' } = last as Extract<BuildEvent, { is: 'built' }>;
    expect(steps).toContain('pushing layers');
    // What is ignored is left out here; the builder need not look for it.
    expect(steps).not.toContain('[internal] load .dockerignore');
    expect(await port.inRegistry(`${name.replace(/:a$/, '')}@${pushed}`, never)).toBe(true);
    expect(await port.inRegistry(name, never)).toBe(true);
    expect(await port.image(name)).toMatchObject({ id, labels: { 'sluice-test': '1' } });
    // Containers can be made of it as of any other.
    expect(await port.hasPath(id, '/page', never)).toBe(true);
  });

  it('has several platforms in one index', async () => {
    const name = `localhost:5000/sluice-test/within-${unique()}:a`;
    if (!isWithin || !cluster) return expect(isWithin && cluster).toBe(false);
    onTestFinished(() => port.removeImage(name));
    const build = buildOf('FROM scratch\nCOPY page /page\n', {
      pushAs: name,
      platform: 'linux/amd64,linux/arm64',
      files: { page: unique() },
    });
    const last = (await seen(port.build(build, never))).events.at(-1) as Extract<BuildEvent, { is: 'built' }>;
    const url = `http://localhost:5000/v2/${name.split('/').slice(1).join('/').replace(/:a$/, '')}/manifests/${last.pushed}`;
    const index = await fetch(url, { headers: { accept: 'application/vnd.oci.image.index.v1+json' } });
    const { manifests } = (await index.json()) as { manifests: { platform: { architecture: string } }[] };
    expect(manifests.map(({ platform }) => platform.architecture).sort()).toEqual(['amd64', 'arm64']);
  });

  it.each([
    ['refuses', refuses],
    ['is broken', (_, response) => response.writeHead(500).end()],
    ['hangs up', (request) => request.socket.destroy()],
  ] as readonly (readonly [string, http.RequestListener])[])(
    'is built and not told as pushed by a registry that %s',
    async (_, answer) => {
      const { host } = await registry(answer);
      const { last } = await built(`${host}/a:1`);
      expect(last).toEqual({ is: 'built', id: expect.stringMatching(/^sha256:/) });
      expect(await port.image((last as { id: string }).id)).not.toBeNull();
    },
  );

  it('is not told as pushed where nobody listens', async () => {
    expect((await built('localhost:1/a:1')).last).toEqual({ is: 'built', id: expect.stringMatching(/^sha256:/) });
  });

  it('has the credentials of its registry', async () => {
    const { host, told } = await registry(refuses);
    const auth = Buffer.from('me:secret').toString('base64');
    const DOCKER_CONFIG = tempProject({ 'config.json': JSON.stringify({ auths: { [host]: { auth } } }) });
    const known = await connectDocker({ env: { ...process.env, DOCKER_CONFIG }, home: '/nowhere' });
    onTestFinished(() => known.close());
    await built(`${host}/a:1`, known);
    expect([...told].includes(`Basic ${auth}`)).toBe(isWithin);
  });

  it('that fails is told as a failed build', async () => {
    const build = buildOf('FROM scratch\nCOPY nothing /page\n', { pushAs: 'localhost:1/a:1' });
    await expect(seen(port.build(build, never))).rejects.toMatchObject({ problem: { code: 'S211' } });
  });

  it('that is cancelled in its push ends it', async () => {
    // It never answers.
    const { host, open, asked } = await registry(() => stop.abort());
    const stop = new AbortController();
    if (!isWithin) stop.abort();
    await expect(built(`${host}/a:1`, port, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked.length > 0).toBe(isWithin);
    await eventually(() => (open.size === 0 ? true : null), 'Docker has hung up');
  });
});
