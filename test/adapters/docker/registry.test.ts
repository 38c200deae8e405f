import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../src/model/ports.ts';
import { cluster, docker } from '../../support/capability.ts';
import { tempProject } from '../../support/temp.ts';
import { base, buildOf, problemFrom, removeLayers, seen } from './builds/context.ts';

const never = new AbortController().signal;

/** A registry that wants a user, and remembers what it was told. */
async function guarded(): Promise<{ host: string; told: string[] }> {
  const told: string[] = [];
  const server = http.createServer((request, response) => {
    told.push(request.headers.authorization ?? '');
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"', 'content-type': 'application/json' });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `localhost:${(server.address() as AddressInfo).port}`, told };
}

describe.skipIf(!docker)('registries', () => {
  let port: DockerPort;
  let id: string;
  // Keeps the image while the tests take their own names away again.
  const kept = 'sluice-test/registry:1';
  const home = '/nowhere';
  beforeAll(async () => {
    port = await connectDocker({ env: process.env, home });
    id = (await seen(port.build(buildOf(`${base}\nENV FOR=registry-test`, { tags: [kept] }), never))).id;
  });
  afterAll(async () => {
    await port.removeImage(kept);
    removeLayers();
    port.close();
  });

  /** The image under another name, removed after the test. */
  async function tagged(ref: string): Promise<string> {
    await port.tag(id, ref);
    onTestFinished(() => port.removeImage(ref));
    return ref;
  }

  it.skipIf(!cluster)(
    'take a push and say its digest; the image is found there by tag and digest afterwards',
    async () => {
      const ref = await tagged(`localhost:5000/sluice-test/push:t${process.pid}`);
      expect(await port.inRegistry(ref, never)).toBe(false);
      const events = await lastValueFrom(port.push(ref, never).pipe(toArray()));
      const last = events.at(-1);
      expect(last).toMatchObject({ is: 'pushed', digest: expect.stringMatching(/^sha256:/) });
      expect(events.some((event) => event.is === 'progress')).toBe(true);
      expect(await port.inRegistry(ref, never)).toBe(true);
      const digest = last?.is === 'pushed' ? last.digest : '';
      expect(await port.inRegistry(`localhost:5000/sluice-test/push@${digest}`, never)).toBe(true);
      expect((await port.image(ref))?.digests).toContain(`localhost:5000/sluice-test/push@${digest}`);
    },
  );

  it('that refuse a push are named, with docker login as the way out', async () => {
    const { host } = await guarded();
    const ref = await tagged(`${host}/a:1`);
    const problem = await problemFrom(lastValueFrom(port.push(ref, never)));
    expect(problem).toMatchObject({
      kind: 'denied',
      code: 'S220',
      hint: expect.stringContaining(`docker login ${host}`),
    });
    expect(problem.what).toContain(ref);
  });

  it.each([
    ['1', 'BuildKit'],
    ['0', 'the classic builder'],
  ])('hear the credentials of their host, with DOCKER_BUILDKIT=%s in a FROM by %s', async (DOCKER_BUILDKIT) => {
    const { host, told } = await guarded();
    const auth = Buffer.from('me:secret').toString('base64');
    const DOCKER_CONFIG = tempProject({
      'config.json': JSON.stringify({ auths: { [host]: { auth }, 'other.test': { auth: 'eDp5' } } }),
    });
    const other = await connectDocker({ env: { ...process.env, DOCKER_CONFIG, DOCKER_BUILDKIT }, home });
    onTestFinished(() => other.close());
    const problem = await problemFrom(seen(other.build(buildOf(`FROM ${host}/a:1`), never)));
    expect(told).toContain(`Basic ${auth}`);
    expect(problem).toMatchObject({
      kind: 'denied',
      code: 'S212',
      at: { line: 1 },
      hint: expect.stringContaining(`docker login ${host}`),
    });
  });

  it('hear the credentials with a push, and a broken helper is named when they refuse', async () => {
    const { host, told } = await guarded();
    const auth = Buffer.from('me:secret').toString('base64');
    const DOCKER_CONFIG = tempProject({ 'config.json': JSON.stringify({ auths: { [host]: { auth } } }) });
    const ref = await tagged(`${host}/a:1`);
    const known = await connectDocker({ env: { ...process.env, DOCKER_CONFIG }, home });
    onTestFinished(() => known.close());
    await problemFrom(lastValueFrom(known.push(ref, never)));
    expect(told).toContain(`Basic ${auth}`);
    const broken = tempProject({ 'config.json': JSON.stringify({ credsStore: 'sluice-missing' }) });
    const unknown = await connectDocker({ env: { ...process.env, DOCKER_CONFIG: join(broken) }, home });
    onTestFinished(() => unknown.close());
    expect((await problemFrom(lastValueFrom(unknown.push(ref, never)))).hint).toContain(
      'docker-credential-sluice-missing',
    );
  });

  it('that are out of reach are told apart from refusals', async () => {
    const ref = await tagged('localhost:5999/a:1');
    expect(await problemFrom(lastValueFrom(port.push(ref, never)))).toMatchObject({
      kind: 'unavailable',
      code: 'S222',
    });
    await expect(port.inRegistry(ref, never)).rejects.toMatchObject({ problem: { kind: 'unavailable', code: 'S222' } });
  });

  it('are not asked for an image the daemon does not have', async () => {
    const problem = await problemFrom(lastValueFrom(port.push('localhost:5000/sluice-test/never-built:1', never)));
    expect(problem.what).toContain('sluice-test/never-built');
  });

  it('list and remove images by label', async () => {
    const ref = await tagged('sluice-test/listed:1');
    expect((await port.images('sluice-test=1')).find((image) => image.id === id)?.tags).toContain(ref);
    await port.removeImage(ref);
    await port.removeImage(ref);
    expect(await port.image(ref)).toBeNull();
  });
});
