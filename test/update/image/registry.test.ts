import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DockerInfo, DockerPort, KubePort } from '../../../src/model/ports.ts';
import { isProblemError } from '../../../src/model/problems/problem.ts';
import {
  deliver,
  deliveryWords,
  destinationOf,
  inCluster,
  repositoryOf,
  tagOf,
} from '../../../src/update/image/registry.ts';
import { tempProject } from '../../support/temp.ts';
import { never, portsOf, said, workOf } from '../real.ts';

const info: DockerInfo = { context: 'default', host: '', version: '20', arch: 'amd64', buildkit: true, name: 'here' };

function cluster(
  local: string | null,
  found: Awaited<ReturnType<KubePort['registry']>> = null,
  shares = false,
): KubePort {
  return {
    info: {
      context: 'c',
      cluster: local === null ? 'c' : `${local}-dev`,
      server: 'https://127.0.0.1:6443',
      namespace: 'default',
      local,
    },
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
      ['reg:5000', true, null],
    ],
    [
      'nowhere, on a cluster that runs on this daemon',
      null,
      cluster('minikube', { host: 'r', hostFromCluster: null }, true),
      [null, false, null],
    ],
    [
      'the registry that the cluster announces',
      null,
      cluster('kind', { host: 'localhost:5001', hostFromCluster: null }),
      ['localhost:5001', true, null],
    ],
    ['into the nodes of kind without a registry', null, cluster('kind'), [null, false, 'kind']],
    ['into the nodes of k3d without a registry', null, cluster('k3d'), [null, false, 'k3d']],
    ['into the nodes of minikube without a registry', null, cluster('minikube'), [null, false, 'minikube']],
    ['into the containerd of microk8s', null, cluster('microk8s'), [null, false, 'microk8s']],
    ['into the containerd of Colima, where Docker is another', null, cluster('colima'), [null, false, 'colima']],
    ['nowhere, on the Docker of Colima', null, cluster('colima', null, true), [null, false, null]],
    ['into the containerd of Rancher Desktop', null, cluster('rancher-desktop'), [null, false, 'rancher-desktop']],
    ['under their own name to where that says, on a remote cluster', null, cluster(null), [null, true, null]],
  ] as const)('is %s', async (_, registry, kube, [host, push, load]) => {
    expect(await destinationOf(work(registry), kube, info, never)).toMatchObject({ host, push, load });
  });

  it.each([
    ['push', 'kind', null, true, [null, true, null], 'images pushed under their own names'],
    ['push', 'kind', 'reg:1', true, ['reg:1', true, null], 'images by reg:1'],
    ['load', 'kind', 'reg:1', false, [null, false, 'kind'], 'images loaded into its nodes by kind load docker-image'],
    ['load', 'colima', null, true, [null, false, 'colima'], 'loaded into its containerd by colima nerdctl load'],
    ['load', 'rancher-desktop', null, true, [null, false, 'rancher-desktop'], 'containerd by nerdctl load'],
    [
      'load',
      'orbstack',
      null,
      true,
      [null, false, 'containerd'],
      'imported into the containerd of this machine by ctr',
    ],
    ['shared', null, 'reg:1', false, [null, false, null], 'images by the Docker that both share'],
  ] as const)(
    'is forced by delivery: %s on %s, registry %s',
    async (delivery, local, registry, shares, [host, push, load], words) => {
      const kube = cluster(local, null, shares);
      const { kubernetes } = work(registry);
      const destination = await destinationOf({ kubernetes: { ...kubernetes, delivery } }, kube, info, never);
      expect(destination).toMatchObject({ host, push, load });
      expect(deliveryWords(destination)).toContain(words);
    },
  );

  it('is pushed by a builder of its own, whatever is forced, and is not loaded into what is no cluster of this machine', async () => {
    const { kubernetes } = work('reg:1');
    const forced = { kubernetes: { ...kubernetes, delivery: 'load' as const } };
    expect(await destinationOf(forced, cluster(null), null, never)).toMatchObject({ host: 'reg:1', push: true });
    const far = { ...cluster(null), info: { ...cluster(null).info, server: 'https://k8s.example.com' } } as KubePort;
    await expect(destinationOf(forced, far, info, never)).rejects.toMatchObject({ problem: { code: 'S265' } });
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
  async function loaded(program: string, script: string, by = program) {
    const bin = tempProject({ [program]: `#!/bin/sh\necho "$@" >> "$0.calls"\n${script}\n` });
    chmodSync(`${bin}/${program}`, 0o755);
    const kube = cluster(by);
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    const ports = portsOf({ kube });
    try {
      const it = {
        work: workOf('default', ''),
        docker: undefined as unknown as DockerPort,
        destination: { host: null, fromCluster: null, push: false, load: by, unknown: null },
        ports,
        say: { step: () => {}, phase: () => {}, built: () => {} },
        stop: never,
      };
      const result = await deliver('shop/web:sluice-1', it).catch((error: unknown) => {
        if (isProblemError(error)) return error.problem;
        throw error;
      });
      return { result, calls: readFileSync(`${bin}/${program}.calls`, 'utf8').trim(), ports };
    } finally {
      process.env.PATH = before;
    }
  }

  /** The same beside a Docker that saves what it is asked for; `docker`: what that was. */
  async function saved(program: string, script: string, by: string) {
    const bin = tempProject({ docker: '#!/bin/sh\necho saved > "$3"; echo "$@" >> "$0.calls"\n' });
    chmodSync(`${bin}/docker`, 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    try {
      const found = await loaded(program, script, by);
      return { ...found, docker: existsSync(`${bin}/docker.calls`) ? readFileSync(`${bin}/docker.calls`, 'utf8') : '' };
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

  it.each([
    ['ctr', 'containerd', '--namespace k8s.io '],
    ['microk8s', 'microk8s', 'ctr '],
  ])('whose containerd is reached by %s imports what it has not', async (program, by, first) => {
    const name = 'name==docker.io/shop/web:sluice-1';
    const { result, calls, docker } = await saved(
      program,
      'case "$*" in *import*) cat "$5" "$4" 2>/dev/null >> "$0.calls";; esac; exit 0',
      by,
    );
    expect(result).toBeNull();
    const [list, imported, content] = calls.split('\n');
    expect(list).toBe(`${first}images list -q ${name}`);
    expect(imported).toMatch(new RegExp(`^${first}images import /\\S+$`));
    expect(content).toBe('saved');
    expect(existsSync(imported!.split(' ').at(-1)!)).toBe(false);
    expect(docker).toMatch(/^save -o \S+ shop\/web:sluice-1\n$/);
    expect((await saved(program, 'echo here', by)).calls.split('\n')).toHaveLength(1);
    expect((await saved(program, 'case "$*" in *import*) exit 3;; esac', by)).result).toMatchObject({ code: 'S262' });
  });

  // `colima-dev` is the cluster of the profile `dev`.
  it.each([
    ['colima', 'colima', 'nerdctl --profile dev -- --namespace k8s.io '],
    ['nerdctl', 'rancher-desktop', '--namespace k8s.io '],
  ])(
    'in a virtual machine that is reached by %s takes what it has not by standard input',
    async (program, by, first) => {
      const takes = 'case "$*" in *inspect*) exit 1;; *load*) cat >> "$0.calls";; esac';
      const { result, calls, docker } = await saved(program, takes, by);
      expect(result).toBeNull();
      expect(calls.split('\n')).toEqual([`${first}image inspect shop/web:sluice-1`, `${first}load`, 'saved']);
      expect(docker).toMatch(/^save -o \S+ shop\/web:sluice-1\n$/);
      expect((await saved(program, 'exit 0', by)).calls).toBe(`${first}image inspect shop/web:sluice-1`);
      expect((await saved(program, 'exit 3', by)).result).toMatchObject({ code: 'S262' });
    },
  );

  it('says how to try it by hand where that fails', async () => {
    const { result, ports } = await loaded('kind', 'echo no nodes found; exit 1');
    expect(result).toMatchObject({ code: 'S262', hint: expect.stringContaining('kind load docker-image shop/web') });
    expect(said(ports)).toContain('no nodes found');
  });
});
