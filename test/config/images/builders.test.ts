// Who builds, and what a builder cannot do.
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { placedOn } from '../../../src/model/builds/builder.ts';
import { digestOf } from '../../../src/update/image/known/input-digest.ts';
import { tempProject } from '../../support/temp.ts';
import { deployment, project } from '../project.ts';

const web = (image: string, settings = '') =>
  project({
    'sluice.yaml': `images:\n  shop/web: {context: ., ${image}}\nkubernetes: {manifests: [k8s.yaml]}\n${settings}`,
    Dockerfile: 'FROM scratch\n',
    'k8s.yaml': deployment('web', 'shop/web'),
  });

const builderOf = async (image: string, settings?: string) => {
  const { build } = (await web(image, settings).config()).images['shop/web']!;
  return build.is === 'dockerfile' ? build.builder : undefined;
};

describe('a builder', () => {
  it.each([
    ['target: dev', '', undefined],
    ['target: dev', 'settings: {builder: cluster}', { is: 'cluster', replicas: 1, hostNetwork: false }],
    ['builder: docker', 'settings: {builder: cluster}', undefined],
    ['builder: {cluster: {replicas: 3}}', '', { is: 'cluster', replicas: 3 }],
    ['builder: {buildkit: "tcp://host:1234", tls: {servername: x}}', '', { tls: { ca: null, servername: 'x' } }],
    ['builder: {buildkit: "docker-container://mine"}', '', { address: 'docker-container://mine' }],
    ['builder: {buildkit: "kube-pod://b-0?namespace=x"}', '', { address: 'kube-pod://b-0?namespace=x' }],
  ])('%s, %s', async (image, settings, expected) => {
    const found = await builderOf(image, settings);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it.each([
    ['http://host', 'S103'],
    ['unix://relative.sock', 'S103'],
    ['tcp://', 'S103'],
    ['docker-container://a b', 'S103'],
    ['kube-pod://A$(x)', 'S103'],
  ])('%s is no address', async (address, code) => {
    expect((await web(`builder: {buildkit: "${address}"}`).faults()).join()).toContain(code);
  });

  it('of buildx is the current one by its own files', async () => {
    const instance = (Driver: string, Name: string, Endpoint: string) =>
      JSON.stringify({ Name: 'x', Driver, Nodes: [{ Name, Endpoint, DriverOpts: null }] });
    const dir = tempProject({
      'x/current': JSON.stringify({ Key: 'unix:///var/run/docker.sock', Name: 'far', Global: false }),
      'x/instances/far': instance('remote', 'far0', 'tcp://far:1234'),
      'x/instances/near': instance('docker-container', 'near0', 'unix:///var/run/docker.sock'),
      'x/instances/pods': instance('kubernetes', 'pods0', 'kubernetes:///pods'),
    });
    vi.stubEnv('BUILDX_CONFIG', join(dir, 'x'));
    try {
      expect(await builderOf('builder: buildx')).toMatchObject({ address: 'tcp://far:1234', tls: null });
      vi.stubEnv('BUILDX_BUILDER', 'near');
      expect(await builderOf('builder: buildx')).toMatchObject({ address: 'docker-container://buildx_buildkit_near0' });
      vi.stubEnv('BUILDX_BUILDER', 'default');
      expect(await builderOf('builder: buildx')).toBeUndefined();
      for (const name of ['pods', 'nobody', '../current']) {
        vi.stubEnv('BUILDX_BUILDER', name);
        expect((await web('builder: buildx').faults()).join()).toContain('S265');
      }
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('cannot do everything: what Docker does not know is refused by name, and what nobody does', async () => {
    const asked =
      'contexts: {base: "docker-image://debian"}, entitlements: [network.host], shmSize: 64m, ulimits: {nofile: 7}, platform: "linux/amd64,linux/arm64", cache: {to: ["type=registry,ref=r/x"], from: ["type=gha"]}';
    const faults = await web(asked).faults();
    expect(faults).toEqual([]);
    expect(await web(`${asked}, builder: cluster`).faults()).toEqual([]);
    expect((await web('cache: {to: ["type=other,dest=x"]}').faults()).join()).toContain('type other');
    const stores = 'cache: {from: ["type=s3,bucket=b", r/x], to: [type=inline, "type=azblob,name=n"]}';
    expect(await web(stores).faults()).toEqual([
      expect.stringMatching(/^sluice.yaml:2:\d+ S265 .*a build cache of type s3$/),
      expect.stringMatching(/^sluice.yaml:2:\d+ S265 .*a build cache of type azblob$/),
    ]);
    expect(await web(`${stores}, builder: cluster`).faults()).toEqual([]);
    expect((await web('cache: {to: ["type=local,src=x"]}').faults()).join()).toContain('names its directory by dest');
    expect((await web('contexts: {base: "oci-layout://dir"}').faults()).join()).toContain('oci-layout://dir');
  });
});

it('what is pushed as it is built is not loaded, and shared with nobody', async () => {
  const given = (builder: string, delivery: string) =>
    project({
      'sluice.yaml': `images: {shop/web: {context: ., builder: ${builder}}}\nkubernetes: {manifests: [k8s.yaml], delivery: ${delivery}}\n`,
      Dockerfile: 'FROM scratch\n',
      'k8s.yaml': deployment('web', 'shop/web'),
    });
  expect((await given('docker', 'load').config()).kubernetes?.delivery).toBe('load');
  expect(await given('cluster', 'push').faults()).toEqual([]);
  for (const delivery of ['load', 'shared'])
    expect(await given('cluster', delivery).faults()).toEqual([
      expect.stringMatching(/^sluice.yaml:2:47 S265 delivery: \w+ takes images from Docker/),
    ]);
});

it('one image is always built by the same replica, and those of a lost one alone move', () => {
  const names = ['b-0', 'b-1', 'b-2', 'b-3'];
  const images = Array.from({ length: 200 }, (_, i) => `shop/${i}`);
  const before = new Map(images.map((ref) => [ref, placedOn(ref, names, digestOf)]));
  for (const name of names) expect([...before.values()].filter((each) => each === name).length).toBeGreaterThan(20);
  const left = names.filter((name) => name !== 'b-2');
  for (const ref of images) if (before.get(ref) !== 'b-2') expect(placedOn(ref, left, digestOf)).toBe(before.get(ref));
  expect(placedOn('shop/0', [], digestOf)).toBeNull();
});
