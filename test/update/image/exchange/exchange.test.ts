// An exchange makes what a build from scratch makes, or declines.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import { createRegistry } from '../../../../src/adapters/registry/index.ts';
import type { Repository } from '../../../../src/model/ports/registry.ts';
import type { DockerPort } from '../../../../src/model/ports.ts';
import type { BuiltImage } from '../../../../src/model/run.ts';
import { onlyImageOf } from '../../../../src/update/image/exchange/document.ts';
import { isKnown, packed, unpacked } from '../../../../src/update/image/exchange/packing.ts';
import { cluster, docker as hasDocker } from '../../../support/capability.ts';
import { busyboxImage } from '../../../support/docker/images.ts';
import { layersIn as layersAt, seenIn } from '../../../support/docker/rootfs.ts';
import { hasRegistry, ownRegistry, registryLogin } from '../../../support/servers/registry.ts';
import { tempProject } from '../../../support/temp.ts';
import { never, realDocker } from '../../real.ts';
import { cases, dockerfileOf } from './corpus.ts';
import { session } from './session.ts';

function write(dir: string, files: Readonly<Record<string, string | null>>): void {
  for (const [path, text] of Object.entries(files)) {
    const at = join(dir, path);
    const [, dirMode] = /^dir (\d{3})$/.exec(text ?? '') ?? [];
    if (dirMode) {
      mkdirSync(at, { recursive: true });
      chmodSync(at, Number.parseInt(dirMode, 8));
      continue;
    }
    rmSync(at, { force: true, recursive: true });
    if (text === null) continue;
    mkdirSync(dirname(at), { recursive: true });
    const [, mode = '644', content = ''] = /^(?:(\d{3})\|)?([\s\S]*)$/.exec(text) ?? [];
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), at);
    else {
      writeFileSync(at, content);
      chmodSync(at, Number.parseInt(mode, 8));
    }
  }
}

async function asked<T>(
  { tagged, pushed }: BuiltImage,
  ask: (at: Repository, digest: string) => Promise<T>,
): Promise<T> {
  const at = createRegistry({ env: process.env, home: '/nowhere' }).open(tagged.replace(/@.*$|:[^:/]*$/, ''));
  try {
    return await ask(at, pushed!);
  } finally {
    at.close();
  }
}

const seen = (image: BuiltImage) => asked(image, seenIn);
const layersIn = (image: BuiltImage) => asked(image, layersAt);

describe.skipIf(!hasDocker || !cluster)('an image whose files are exchanged', () => {
  let docker: DockerPort;
  let isOld: boolean;
  beforeAll(async () => {
    await busyboxImage();
    docker = await connectDocker({ env: process.env, home: '/nowhere' });
    isOld = Number.parseInt((await docker.info()).version, 10) < 23;
    return () => docker.close();
  });
  it.each(cases)('$name', async (each) => {
    const dir = tempProject();
    write(dir, { Dockerfile: dockerfileOf(each), ...each.files });
    const one = session(dir, docker, { build: { args: each.args ?? {}, target: each.target ?? null } });
    if (each.flag !== undefined && isOld) {
      await expect(one.build()).rejects.toThrow(`Unknown flag: ${each.flag}`);
      return;
    }
    const first = await one.build();
    write(dir, each.save);
    const second = await one.exchange(first, Object.keys(each.save));
    if (each.because && (typeof second === 'string' || !each.mayBeMade)) {
      expect(second).toMatch(each.because);
      return;
    }
    if (typeof second === 'string') throw new Error(`declined: ${second}`);
    expect(second.id).not.toBe(first.id);
    expect(one.steps.at(-1)).toMatch(/^exchange /);
    const anew = await one.build(true);
    expect(anew.inputDigest).toBe(second.inputDigest);
    expect(await seen(second)).toEqual(await seen(anew));
  });
});

describe.skipIf(!hasDocker || !cluster)('layers packed by zstd', () => {
  it(`are ${isKnown('zstd') ? 'exchanged' : 'left to the builder by this Node'}`, async () => {
    await busyboxImage();
    const dir = tempProject();
    write(dir, { Dockerfile: 'FROM sluice-test/busybox:1\nCOPY src /app\n', 'src/a': '1', 'src/b': '2' });
    const docker = await realDocker();
    const one = session(dir, docker);
    const built = await one.build();
    const first = { ...built, pushed: await asked(built, withLastLayerInZstd) };
    write(dir, { 'src/a': '11' });
    const second = await one.exchange(first, ['src/a']);
    if (!isKnown('zstd')) expect(second).toMatch(/packed in a way that is not known here/);
    else if (typeof second === 'string') throw new Error(`declined: ${second}`);
    else {
      expect(await asked(second, lastLayerType)).toMatch(/zstd$/);
      expect(await seen(second)).toEqual(await seen(await one.build(true)));
    }
  });
});

interface Written {
  readonly mediaType: string;
  readonly layers: readonly { readonly mediaType: string; readonly digest: string; readonly size: number }[];
}

async function writtenAt(at: Repository, digest: string): Promise<Written> {
  const outer = (await at.manifest(digest, never))!;
  const only = onlyImageOf(outer);
  const manifest = only !== null && 'digest' in only ? (await at.manifest(only.digest, never))! : outer;
  return { mediaType: manifest.mediaType, ...JSON.parse(manifest.content.toString()) };
}

const lastLayerType = async (at: Repository, digest: string): Promise<string> =>
  (await writtenAt(at, digest)).layers.at(-1)!.mediaType;

/** The same image with its last layer packed anew, as a builder that is told so packs it. Its digest. */
async function withLastLayerInZstd(at: Repository, digest: string): Promise<string> {
  const manifest = await writtenAt(at, digest);
  const last = manifest.layers.at(-1)!;
  const blob = (await at.blob(last.digest, last.size, never))!;
  const content = isKnown('zstd') ? await packed((await unpacked(blob, 'gzip'))!, 'zstd') : blob;
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    digest: await at.putBlob(content, never),
    size: content.length,
  };
  const text = JSON.stringify({ ...manifest, layers: [...manifest.layers.slice(0, -1), layer] });
  return at.putManifest('zstd', { mediaType: manifest.mediaType, content: Buffer.from(text) }, never);
}

describe.skipIf(!hasDocker || !cluster || !hasRegistry)('a registry of one’s own', () => {
  let docker: DockerPort;
  const dir = () => {
    const made = tempProject();
    write(made, { Dockerfile: `${base}COPY src /app\n`, 'src/a': '1', 'src/b': '2' });
    return made;
  };
  const base = 'FROM sluice-test/busybox:1\n';
  beforeAll(async () => void (await busyboxImage()));

  it('that wants a login is shown the one of docker login', async () => {
    const registry = await ownRegistry({ isGuarded: true });
    await registry.start();
    const host = `127.0.0.1:${registry.port}`;
    const auth = Buffer.from(`${registryLogin.user}:${registryLogin.password}`).toString('base64');
    const env = {
      ...process.env,
      DOCKER_CONFIG: tempProject({ 'config.json': JSON.stringify({ auths: { [host]: { auth } } }) }),
    };
    docker = await realDocker(env);
    const context = dir();
    const one = session(context, docker, { registry: host, env });
    const first = await one.build();
    write(context, { 'src/a': '11' });
    const second = await one.exchange(first, ['src/a']);
    expect(second).toMatchObject({ pushed: expect.stringMatching(/^sha256:/), tagged: expect.stringContaining(host) });
  });

  it('is not asked again what the last save has put there, or keeps', async () => {
    const registry = await ownRegistry();
    await registry.start();
    docker = await realDocker();
    const context = dir();
    const one = session(context, docker, { registry: `127.0.0.1:${registry.port}` });
    const first = await one.build();
    write(context, { 'src/a': '11' });
    const second = await one.exchange(first, ['src/a']);
    if (typeof second === 'string') throw new Error(second);
    registry.lose(second.pushed!);
    write(context, { 'src/a': '111', 'src/c/d': '1' });
    const third = await one.exchange(second, ['src/a', 'src/c/d']);
    if (typeof third === 'string') throw new Error(third);
    const anew = await one.build(true);
    expect(await seen(third)).toEqual(await seen(anew));
  });

  it('that has lost a layer, or takes no push, leaves it to the builder, who says what is wrong', async () => {
    const registry = await ownRegistry();
    await registry.start();
    docker = await realDocker();
    const context = dir();
    const one = session(context, docker, { registry: `127.0.0.1:${registry.port}` });
    const first = await one.build();
    write(context, { 'src/a': '11' });
    // Without its base layer, as after a garbage collection that went too far.
    registry.lose((await layersIn(first))[0]!);
    expect(await one.exchange(first, ['src/a'])).toMatch(/has lost a layer/);
    const anew = await one.build(true);
    write(context, { 'src/a': '111' });
    const second = await one.exchange(anew, ['src/a']);
    if (typeof second === 'string') throw new Error(second);
    await registry.kill();
    await registry.start({ isReadOnly: true });
    write(context, { 'src/a': '1111' });
    expect(await one.exchange(second, ['src/a'])).toMatch(/^pushing 127\.0\.0\.1:\d+\/\S+ failed: status 405/);
    await registry.kill();
    expect(await one.exchange(second, ['src/a'])).toMatch(/ECONNREFUSED/);
  });
});
