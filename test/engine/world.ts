// A session without an outside: facts in, state out, each state frozen so that nothing can change it behind our back.

import { types } from 'node:util';
import { reduce, seed } from '../../src/engine/reduce.ts';
import { deployOf, serverOf } from '../../src/engine/resources/resource.ts';
import { currentRun, currentWork, isRunning } from '../../src/engine/resources/run.ts';
import type {
  ComposeSpec,
  Config,
  ImageSpec,
  KubeSpec,
  LocalSpec,
  Need,
  ResourceSpec,
} from '../../src/model/config.ts';
import type { Action, Fact } from '../../src/model/fact.ts';
import type { Container, ContainerOrigin, Pod } from '../../src/model/pods/pod.ts';
import type { Problem } from '../../src/model/problems/problem.ts';
import { projectOf } from '../../src/model/project.ts';
import type { DeployState, KubernetesState, ServingState } from '../../src/model/resource-state.ts';
import type { BuiltImage, Deployed, Outcome, RunResult, Work } from '../../src/model/run.ts';
import type { EngineState, ResourceState } from '../../src/model/state.ts';
import { dockerfileBuild } from '../support/docker/dockerfile-build.ts';

const at = { file: '/p/sluice.yaml', line: 1, column: 1 };
const base = (name: string) => ({
  name,
  at,
  labels: [],
  needs: [],
  trigger: 'auto' as const,
  start: true,
  onChange: 'smart' as const,
  debounce: { quietMs: 50, maxMs: 2_000 },
  links: [],
  digest: `${name}-1`,
});

export const need = (name: string, update: Need['update'] = 'order'): Need => ({ name, update });

export const local = (name: string, parts: Partial<LocalSpec> = {}): LocalSpec => ({
  ...base(name),
  kind: 'local',
  cmd: 'make',
  serve: null,
  dir: '/p',
  env: {},
  files: { roots: [`/p/${name}`], filters: [] },
  ready: null,
  restart: 'no',
  ...parts,
});

export const object = (kind: string, name: string, spec: Readonly<Record<string, unknown>> = {}) => ({
  object: {
    apiVersion: kind === 'Pod' ? 'v1' : kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name },
    spec,
  },
  at,
});

/** A Deployment named like the resource, running the image of that name. */
export const kube = (name: string, parts: Partial<KubeSpec> = {}): KubeSpec => ({
  ...base(name),
  kind: 'kubernetes',
  objects: [object('Deployment', name)],
  images: [name],
  workload: { kind: 'Deployment', name, namespace: null, replicas: 1 },
  ports: [],
  ready: 'pods',
  selectors: [],
  ...parts,
});

/** A Compose service named like the resource, built as the image of that name; by `images: []` its image is only pulled. */
export const service = (name: string, parts: Partial<ComposeSpec> = {}): ComposeSpec => ({
  ...base(name),
  kind: 'compose',
  service: name,
  compose: { name: 'p', dir: '/p', files: ['/p/compose.yaml'], inactive: [] },
  config: { image: name, command: null, entrypoint: null },
  networks: {},
  volumes: {},
  secrets: {},
  configs: {},
  images: [name],
  image: name,
  replicas: 1,
  ready: 'running',
  ...parts,
});

export const sync = { is: 'sync' as const, from: '/p/src', to: '/app', initial: false, at };

export const image = (ref: string, parts: Partial<ImageSpec> = {}): ImageSpec => ({
  ref,
  at,
  build: dockerfileBuild(`/p/${ref}`),
  files: { roots: [`/p/${ref}`], filters: [] },
  live: [],
  bases: [],
  ...parts,
});

export function config(specs: readonly ResourceSpec[], images: readonly ImageSpec[] = [], parallel = 3): Config {
  const named = new Map(images.map((it) => [it.ref, it]));
  for (const spec of specs)
    if (spec.kind !== 'local') for (const ref of spec.images) if (!named.has(ref)) named.set(ref, image(ref));
  return {
    file: '/p/sluice.yaml',
    dir: '/p',
    project: projectOf('p', '/p'),
    images: Object.fromEntries(named),
    resources: Object.fromEntries(specs.map((spec) => [spec.name, spec])),
    order: specs.map((spec) => spec.name),
    kubernetes: null,
    settings: { parallel, ignore: [] },
    reads: { roots: ['/p/sluice.yaml'], filters: [] },
    warnings: [],
  };
}

export const container = (ref: string, parts: Partial<Container> = {}): Container => ({
  name: ref,
  type: 'main',
  lasting: true,
  id: `containerd://${ref}-1`,
  image: `${ref}:sluice-1`,
  imageId: '',
  ready: true,
  state: 'running',
  reason: null,
  exitCode: null,
  startedAt: 0,
  restarts: 0,
  last: null,
  ports: [],
  readOnlyRoot: false,
  probe: null,
  ...parts,
});

/** A ready pod of a resource; `template` as of its n-th deploy. */
export const pod = (resource: string, parts: Partial<Pod> & { readonly template?: string } = {}): Pod => {
  const { template = 't1', ...rest } = parts;
  return {
    uid: `${resource}-pod`,
    name: `${resource}-abc`,
    namespace: 'default',
    createdAt: 1_000,
    deleting: false,
    phase: 'Running',
    status: 'Running',
    message: null,
    ready: true,
    restarts: 0,
    node: 'n1',
    ip: '10.0.0.1',
    owner: null,
    labels: { 'sluice-resource': resource, 'sluice-project': 'p', 'sluice-template': template },
    containers: [container(resource)],
    ...rest,
  };
};

/** A running container of a Compose service. */
export const containerOf = (name: string, uid = `${name}-1`, parts: Partial<Pod> = {}): Pod =>
  pod(name, {
    uid,
    name: `p-${name}-1`,
    namespace: 'compose:p',
    status: 'running',
    labels: {},
    containers: [container(name, { id: `docker://${uid}` })],
    compose: { project: 'p', service: name, urls: [] },
    ...parts,
  });

/** What containers of a service are made of. */
export const origin: ContainerOrigin = { hash: 'hash', image: 'sha256:image' };

/** What a run of one has deployed: these containers. */
export const servicesUp = (...containers: readonly string[]): Deployed => ({
  objects: [],
  templates: [],
  namespace: 'compose:p',
  alreadyDone: false,
  images: {},
  containers,
  madeOf: origin,
});

export const built = (ref: string, change: number, tag = '1'): BuiltImage => ({
  ref,
  id: `sha256:${tag}`,
  tagged: `${ref}:sluice-${tag}`,
  inCluster: `${ref}:sluice-${tag}`,
  pushed: null,
  inputDigest: tag,
  change,
  layers: 0,
});

export const stepProblem: Problem = { kind: 'step', code: 'S210', what: 'the build failed' };
export const unavailable: Problem = { kind: 'unavailable', code: 'S222', what: 'the registry is away' };

export const failed = (problem: Problem = stepProblem, parts: Partial<Extract<Outcome, { is: 'failed' }>> = {}) => ({
  is: 'failed' as const,
  problem,
  phase: 'build' as const,
  images: [],
  ledgers: {},
  inconsistent: false,
  ...parts,
});
export const cancelled: Outcome = { is: 'cancelled', by: 'stopped', images: [] };

const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  // A table of many is written to by nobody as it is.
  if (!types.isProxy(value)) Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
};

export class World {
  state: EngineState = seed;
  now = 1_000_000;
  readonly facts: Action[] = [];
  private more = {};

  /** What happens in there is of a turn that goes on. */
  midTurn(happen: () => void): void {
    this.more = { more: true };
    happen();
    this.more = {};
  }

  put(...facts: readonly Fact[]): this {
    for (const fact of facts) {
      // A fact that cannot be recorded is not a fact.
      const action = JSON.parse(
        JSON.stringify({ ...fact, seq: this.facts.length, at: this.now, ...this.more }),
      ) as Action;
      this.facts.push(action);
      this.state = reduce(this.state, action);
      freeze(this.state);
    }
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  of(name: string): ResourceState {
    const found = this.state.resources[name];
    if (!found) throw new Error(`no resource ${name}`);
    return found;
  }

  /** What a resource in containers has deployed. */
  deploy(name: string): DeployState {
    const deploy = deployOf(this.of(name));
    if (!deploy) throw new Error(`${name} is not deployed anywhere`);
    return deploy;
  }

  server(name: string): ServingState {
    const server = serverOf(this.of(name));
    if (!server) throw new Error(`${name} is not local`);
    return server;
  }

  kube(name: string): KubernetesState {
    const resource = this.of(name);
    if (resource.kind !== 'kubernetes') throw new Error(`${name} is not in the cluster`);
    return resource;
  }

  /** Names of what is wanted to run and has not ended. */
  get running(): readonly string[] {
    return this.state.order.filter((name) => isRunning(this.of(name)));
  }

  hold(name: string): string | null {
    const {
      update: { hold },
    } = this.of(name);
    return hold && (hold.on.length > 0 ? `${hold.reason} ${hold.on.join(',')}` : hold.reason);
  }

  work(name: string): Work {
    const work = currentWork(this.of(name));
    if (!work) throw new Error(`${name} is not wanted to run`);
    return work;
  }

  started(name: string): this {
    return this.put({ type: 'run/started', resource: name, run: this.work(name).run });
  }

  step(name: string, step: string): this {
    return this.put({ type: 'run/stepped', resource: name, run: currentRun(this.of(name))?.id ?? '', step });
  }

  ended(name: string, outcome: Outcome): this {
    return this.put({ type: 'run/ended', resource: name, run: currentRun(this.of(name))?.id ?? '', outcome });
  }

  /** Which half of a run is wanted, null for a whole one. */
  half(name: string): string | null {
    const work = this.work(name);
    return work.kind === 'local' ? null : (work.half ?? null);
  }

  /** The wanted run starts and succeeds; a Kubernetes one deploys template `t1` and image `:sluice-1` unless told otherwise. */
  succeeds(name: string, result: Partial<RunResult> = {}, ms = 0): this {
    const { change } = this.work(name);
    const isBuild = this.half(name) === 'build';
    this.started(name).after(ms);
    const { spec } = this.of(name);
    const images = spec.kind === 'kubernetes' ? spec.images.map((ref) => built(ref, change)) : [];
    const deployed = spec.kind === 'kubernetes' && !isBuild ? deployedOf(spec) : null;
    const outcome: Outcome = {
      is: 'ok',
      result: { strategy: 'full build', images, deployed, ledgers: {}, unchanged: false, ...result },
    };
    return this.ended(name, outcome);
  }

  /** The server of the newest generation is there and ready. */
  serves(name: string): this {
    const key = { resource: name, generation: this.of(name).used.generations };
    this.put({ type: 'server/started', ...key, pid: 1_000 + key.generation });
    return this.put({ type: 'server/probed', ...key, ready: true, problem: null });
  }

  fails(name: string, problem?: Problem): this {
    return this.started(name).ended(name, failed(problem));
  }

  /** A save of files that belong to these targets, settled. */
  save(...targets: readonly string[]): this {
    return this.put({
      type: 'files/changed',
      changes: [{ path: `/p/${targets[0]?.split(':')[1]}/a.js`, kind: 'changed', targets }],
    });
  }

  reload(next: Config): this {
    this.save('config');
    return this.put(
      { type: 'config/loaded', config: next, wanted: this.state.config.wanted },
      { type: 'files/watching', files: 1, ms: 1 },
    );
  }
}

/** Of a workload whose pods bear this template hash. */
export const pods = (hash: string, kind = 'Deployment', replicas = 1) => ({ hash, kind, replicas });

export const deployedOf = (spec: KubeSpec, parts: Partial<Deployed> = {}): Deployed => ({
  objects: spec.objects.map(({ object: { apiVersion, kind, metadata } }) => ({
    apiVersion,
    kind,
    name: metadata.name,
    namespace: 'default',
  })),
  templates: [pods('t1', spec.workload?.kind, spec.workload?.replicas)],
  namespace: 'default',
  alreadyDone: false,
  images: Object.fromEntries(spec.images.map((ref) => [ref, `${ref}:sluice-1`])),
  ...parts,
});

const dockerInfo = { context: 'default', host: 'unix:///x', version: '20', arch: 'amd64', buildkit: true, name: 'd' };
export const kubeInfo = { context: 'kind', cluster: 'kind', server: 'https://x', namespace: 'default', local: 'kind' };

export const dockerUp: Fact = { type: 'docker/connected', info: dockerInfo };
export const clusterUp: Fact = { type: 'cluster/connected', info: kubeInfo };

/** Configuration loaded, files watched; Docker and the cluster are there unless told otherwise. */
export function world(
  loaded: Config,
  { watch = true, reach = true, only = [] as readonly string[], took = {} as Readonly<Record<string, number>> } = {},
): World {
  const options = { ...seed.options, runId: 'r', file: '/p/sluice.yaml', dir: '/p', watch, only, took };
  const it = new World().put({ type: 'session/started', options });
  if (reach) it.put(dockerUp, clusterUp);
  it.put({ type: 'config/loaded', config: loaded, wanted: 1 });
  return watch ? it.put({ type: 'files/watching', files: 1, ms: 1 }) : it;
}
