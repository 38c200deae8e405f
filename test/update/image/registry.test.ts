import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DockerInfo, DockerPort, KubePort } from '../../../src/model/ports.ts';
import { isProblemError } from '../../../src/model/problem.ts';
import { deliver, destinationOf, inCluster, repositoryOf, tagOf } from '../../../src/update/image/registry.ts';
import { tempProject } from '../../support/temp.ts';
import { never, portsOf, said, workOf } from '../real.ts';

const info: DockerInfo = { context: 'default', host: '', version: '20', arch: 'amd64', buildkit: true, name: 'here' };

function cluster(
  local: string | null,
  found: Awaited<ReturnType<KubePort['registry']>> = null,
  shares = false,
): KubePort {
  return {
    info: { context: 'c', cluster: local === null ? 'c' : `${local}-dev`, server: '', namespace: 'default', local },
    registry: async () => found,
    sharesDaemon: () => shares,
  } as Partial<KubePort> as KubePort;
}

describe('where images go', () => {
  const work = (registry: string | null) => {
    const it = workOf('default', '');
    return { ...it, kubernetes: { ...it.kubernetes, registry } };
  };

  it.each([
    [
      'the configured registry',
      'reg:5000',
      cluster('kind', { host: 'other', hostFromCluster: null }),
      ['reg:5000', true, false],
    ],
    [
      'nowhere, on a cluster that runs on this daemon',
      null,
      cluster('minikube', { host: 'r', hostFromCluster: null }, true),
      [null, false, false],
    ],
    [
      'the registry that the cluster announces',
      null,
      cluster('kind', { host: 'localhost:5001', hostFromCluster: null }),
      ['localhost:5001', true, false],
    ],
    ['into the nodes of kind without a registry', null, cluster('kind'), [null, false, true]],
    ['into the nodes of k3d without a registry', null, cluster('k3d'), [null, false, true]],
    ['into the nodes of minikube without a registry', null, cluster('minikube'), [null, false, true]],
    ['under their own name to where that says, on a remote cluster', null, cluster(null), [null, true, false]],
  ] as const)('is %s', async (_, registry, kube, [host, push, kindLoad]) => {
    expect(await destinationOf(work(registry), kube, info, never)).toMatchObject({ host, push, kindLoad });
  });

  it('is the same registry by the name that the nodes have for it', async () => {
    const kube = cluster('k3d', { host: 'localhost:5000', hostFromCluster: 'k3d-registry:5000' });
    const destination = await destinationOf(work(null), kube, info, never);
    expect(inCluster('localhost:5000/web:sluice-1', destination)).toBe('k3d-registry:5000/web:sluice-1');
    expect(inCluster('elsewhere/web:sluice-1', destination)).toBe('elsewhere/web:sluice-1');
  });

  it.each([
    ['shop/web', null, 'shop/web'],
    ['shop/web:dev', null, 'shop/web'],
    ['shop/web', 'localhost:5000', 'localhost:5000/shop_web'],
    ['gcr.io/shop/web:dev', 'localhost:5000', 'localhost:5000/gcr.io_shop_web_dev'],
    ['localhost:5000/shop/web', 'localhost:5000', 'localhost:5000/shop/web'],
    ['localhost:5000/shop/web:dev', 'localhost:5000', 'localhost:5000/shop/web'],
    ['reg:443/web', 'localhost:5000', 'localhost:5000/reg_443_web'],
    [`web@sha256:${'a'.repeat(64)}`, 'r:1', `r:1/web_sha256_${'a'.repeat(64)}`],
    ['web', 'reg.example.com/team', 'reg.example.com/team/web'],
  ])('names %s for %s as %s', (ref, host, expected) => {
    expect(repositoryOf(ref, host)).toBe(expected);
  });

  it('tags by content', () => {
    expect(tagOf(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('sluice-0123456789abcdef');
  });
});

describe('a local cluster without a registry', () => {
  /** A program of this name on the PATH, which notes how it was called. */
  async function loaded(local: string, script: string) {
    const bin = tempProject({ [local]: `#!/bin/sh\necho "$@" >> "$0.calls"\n${script}\n` });
    chmodSync(`${bin}/${local}`, 0o755);
    const kube = cluster(local);
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    const ports = portsOf({ kube });
    try {
      const it = {
        work: workOf('default', ''),
        docker: undefined as unknown as DockerPort,
        destination: { host: null, fromCluster: null, push: false, kindLoad: true, unknown: null },
        ports,
        say: { step: () => {}, phase: () => {}, built: () => {} },
        stop: never,
      };
      const result = await deliver('shop/web:sluice-1', it).catch((error: unknown) => {
        if (isProblemError(error)) return error.problem;
        throw error;
      });
      return { result, calls: readFileSync(`${bin}/${local}.calls`, 'utf8').trim(), ports };
    } finally {
      process.env.PATH = before;
    }
  }

  it.each([
    ['kind', 'load docker-image shop/web:sluice-1 --name dev'],
    ['k3d', 'image import shop/web:sluice-1 --cluster dev'],
    ['minikube', 'image load shop/web:sluice-1 --profile minikube-dev'],
  ])('takes images by the command of %s', async (local, expected) => {
    expect(await loaded(local, 'exit 0')).toMatchObject({ result: null, calls: expected });
  });

  it('says how to try it by hand where that fails', async () => {
    const { result, ports } = await loaded('kind', 'echo no nodes found; exit 1');
    expect(result).toMatchObject({ code: 'S262', hint: expect.stringContaining('kind load docker-image shop/web') });
    expect(said(ports)).toContain('no nodes found');
  });
});
