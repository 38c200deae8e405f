// Work as the planner makes it, for one resource with one image, and ports that reach the real disk.

import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { createLogStore } from '../../../src/logs/store.ts';
import type { ImageSpec, LiveRule } from '../../../src/model/config.ts';
import type { Ports } from '../../../src/model/ports.ts';
import { projectOf } from '../../../src/model/project.ts';
import type { BuiltImage, ContainerTarget, FileChange, ImageWork, KubeWork } from '../../../src/model/run.ts';
import { dockerfileBuild } from '../../support/docker/dockerfile-build.ts';

const at = { file: '/p/sluice.yaml', line: 1, column: 1 };

export const rule = {
  sync: (from: string, to: string, initial = false): LiveRule => ({ is: 'sync', from, to, initial, at }),
  fallback: (...paths: string[]): LiveRule => ({ is: 'fallback', paths, at: { ...at, line: 9 } }),
  run: (cmd: string, when: string[] | null = null): LiveRule => ({ is: 'run', cmd, when, at }),
  restart: (what: 'process' | 'container'): LiveRule => ({ is: 'restart', what, at }),
};

export const change = (path: string, kind: FileChange['kind'] = 'changed', id = 2): FileChange => ({
  path,
  kind,
  change: id,
});

export const builtImage = (fields: Partial<BuiltImage> = {}): BuiltImage => ({
  ref: 'web',
  id: 'sha256:1',
  tagged: 'web:sluice-1',
  inCluster: 'web:sluice-1',
  pushed: null,
  inputDigest: '',
  change: 1,
  layers: 0,
  ...fields,
});

export function imageWork(
  live: readonly LiveRule[],
  files: readonly FileChange[],
  fields: Partial<ImageSpec> = {},
  last: BuiltImage | null = builtImage(),
): ImageWork {
  return {
    spec: {
      ref: 'web',
      at,
      build: dockerfileBuild('/p'),
      files: { roots: ['/p'], filters: [] },
      live,
      bases: [],
      ...fields,
    },
    last,
    files,
  };
}

export const containerTarget = (fields: Partial<ContainerTarget> = {}): ContainerTarget => ({
  id: 'docker://c1',
  name: 'web',
  pod: 'web-1',
  podUid: 'uid-1',
  namespace: 'default',
  node: null,
  image: 'web',
  running: true,
  status: 'running',
  readOnlyRoot: false,
  ledger: 1,
  isNew: true,
  freshAt: 0,
  fell: false,
  restarts: 0,
  ...fields,
});

export function kubeWork(
  images: readonly ImageWork[],
  containers: readonly ContainerTarget[] = [containerTarget()],
  fields: Partial<KubeWork> = {},
): KubeWork {
  return {
    kind: 'kubernetes',
    run: 'web#1',
    resource: 'web',
    cause: 'files',
    why: [],
    change: 2,
    files: [],
    force: false,
    spec: {
      kind: 'kubernetes',
      name: 'web',
      at,
      labels: [],
      needs: [],
      trigger: 'auto',
      start: true,
      onChange: 'smart',
      debounce: { quietMs: 50, maxMs: 2000 },
      links: [],
      digest: '',
      objects: [],
      images: images.map(({ spec }) => spec.ref),
      workload: null,
      ports: [],
      ready: 'pods',
      selectors: [],
    },
    kubernetes: { context: null, allow: [], namespace: null, registry: null },
    project: projectOf('tests', '/p'),
    config: 'sluice.yaml',
    adopt: false,
    images,
    containers,
    deployed: {
      objects: [],
      templates: [],
      namespace: 'default',
      alreadyDone: false,
      images: { web: 'web:sluice-1' },
    },
    updateMode: 'auto',
    runId: 'r',
    fullBuild: null,
    ...fields,
  };
}

/** Real disk and logs; everything else throws unless given. */
export function portsWith(fields: Partial<Ports>): Ports {
  const missing = async (): Promise<never> => {
    throw new Error('not part of this test');
  };
  return {
    now: Date.now,
    files: undefined as never,
    // Notes would stand beside a configuration that there is not.
    disk: { ...createDisk(), load: async () => null, save: async () => {} },
    proc: undefined as never,
    net: undefined as never,
    logs: createLogStore({ dir: null }),
    docker: missing,
    kube: missing,
    ...fields,
  } as Ports;
}
