// What a registry is to its users: a real one, one that wants a login, and the one in memory.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import type { RegistryPort } from '../../src/model/ports/registry.ts';
import { memoryRegistry } from '../support/servers/memory-registry.ts';
import { hasRegistry, ownRegistry, registryLogin } from '../support/servers/registry.ts';
import { tempProject } from '../support/temp.ts';

const never = new AbortController().signal;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

interface Place {
  readonly port: RegistryPort;
  readonly name: string;
}

async function real(isGuarded: boolean, password = registryLogin.password): Promise<Place> {
  const registry = await ownRegistry({ isGuarded });
  await registry.start();
  const host = `127.0.0.1:${registry.port}`;
  const auth = Buffer.from(`${registryLogin.user}:${password}`).toString('base64');
  const home = tempProject({ 'config.json': JSON.stringify({ auths: { [host]: { auth } } }) });
  return { port: createRegistry({ env: { DOCKER_CONFIG: home }, home }), name: `${host}/a/b` };
}

const places: readonly (readonly [string, boolean, () => Promise<Place>])[] = [
  ['in memory', true, async () => ({ port: memoryRegistry(), name: 'localhost:1/a/b' })],
  ['a real one', hasRegistry, () => real(false)],
  ['a real one that wants a login', hasRegistry, () => real(true)],
];

describe.each(places)('a registry: %s', (_, isThere, make) => {
  const test = it.skipIf(!isThere);

  test('gives back what it was given, by digest and by tag, and says what is not there', async () => {
    const { port, name } = await make();
    const repository = port.open(name);
    const [layer, config] = [randomBytes(100_000), Buffer.from('{"architecture":"amd64"}')];
    expect(await repository.hasBlob(digestOf(layer), never)).toBe(false);
    expect(await repository.blob(digestOf(layer), 1_000_000, never)).toBeNull();
    const [one, two] = await Promise.all([layer, config].map((each) => repository.putBlob(each, never)));
    expect([one, two]).toEqual([digestOf(layer), digestOf(config)]);
    expect(repository.digestOf(layer)).toBe(one);
    // Again: it is there.
    expect(await repository.putBlob(layer, never)).toBe(one);
    expect(await repository.hasBlob(one!, never)).toBe(true);
    expect(await repository.blob(one!, layer.length, never)).toEqual(layer);
    await expect(repository.blob(one!, layer.length - 1, never)).rejects.toThrow();
    const part = (type: string, content: Buffer) => ({
      mediaType: type,
      digest: digestOf(content),
      size: content.length,
    });
    const content = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config: part('application/vnd.oci.image.config.v1+json', config),
        layers: [part('application/vnd.oci.image.layer.v1.tar', layer)],
      }),
    );
    expect(await repository.manifest('one', never)).toBeNull();
    expect(await port.has(`${name}:one`, never)).toBe(false);
    const digest = await repository.putManifest('one', { mediaType, content }, never);
    expect(digest).toBe(digestOf(content));
    for (const reference of ['one', digest])
      expect(await repository.manifest(reference, never)).toEqual({ digest, mediaType, content });
    expect(await port.has(`${name}:one`, never)).toBe(true);
    expect(await port.has(`${name}@${digest}`, never)).toBe(true);
    repository.close();
  });

  test('refuses a manifest of which something is not there', async () => {
    const { port, name } = await make();
    const repository = port.open(name);
    const config = Buffer.from('{}');
    await repository.putBlob(config, never);
    const lost = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${'1'.repeat(64)}`, size: 1 };
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: 2 },
      layers: [lost],
    };
    const content = Buffer.from(JSON.stringify(manifest));
    await expect(repository.putManifest('one', { mediaType, content }, never)).rejects.toMatchObject({
      problem: { code: 'S221' },
    });
    repository.close();
  });

  test('is not asked once it is stopped', async () => {
    const { port, name } = await make();
    const repository = port.open(name);
    await expect(repository.manifest('one', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    repository.close();
  });
});

describe.skipIf(!hasRegistry)('a real registry', () => {
  it('that takes no such login says so, and what does not answer is out of reach', async () => {
    const { port, name } = await real(true, 'wrong');
    const repository = port.open(name);
    await expect(repository.putBlob(Buffer.from('x'), never)).rejects.toMatchObject({
      problem: { kind: 'denied', code: 'S220', hint: expect.stringContaining('docker login') },
    });
    repository.close();
    const nobody = port.open('127.0.0.1:1/a');
    await expect(nobody.manifest('one', never)).rejects.toMatchObject({
      problem: { kind: 'unavailable', code: 'S222' },
    });
    nobody.close();
  });
});
