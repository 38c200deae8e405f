// The real Docker and the real cluster behind ports, and work as the planner makes it, for tests of builds and deploys.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { lastValueFrom, toArray } from 'rxjs';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { connectDocker } from '../../src/adapters/docker/index.ts';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { connectKube } from '../../src/adapters/kube/index.ts';
import { createProc } from '../../src/adapters/proc/proc.ts';
import { parseObjects } from '../../src/config/manifests/objects.ts';
import { createLogStore } from '../../src/logs/store.ts';
import type { ImageBuild, ImageSpec, KubeObject } from '../../src/model/config.ts';
import type { DockerPort, KubePort, Ports } from '../../src/model/ports.ts';
import { projectOf } from '../../src/model/project.ts';
import type { BuiltImage, ImageWork, KubeWork, Outcome, RunEvent } from '../../src/model/run.ts';
import { deployImages } from '../../src/update/deploy/deploy.ts';
import { kubeconfig } from '../support/capability.ts';
import { removeImagesOf } from '../support/docker/images.ts';

const run = promisify(execFile);

export const docker = async (...args: readonly string[]): Promise<string> =>
  (await run('docker', [...args], { maxBuffer: 16 * 1024 * 1024 })).stdout.trim();

export const never = new AbortController().signal;

/** Unique to this test: images of it are found and removed by it. */
export function imageName(story: string): string {
  const name = `sluicetest/${story}-${randomBytes(3).toString('hex')}`;
  onTestFinished(() => removeImagesOf(name));
  return name;
}

export async function realDocker(env: Readonly<Record<string, string | undefined>> = process.env): Promise<DockerPort> {
  const port = await connectDocker({ env, home: homedir() });
  onTestFinished(() => port.close());
  return port;
}

export async function realKube(file = kubeconfig, context = 'sluice-test'): Promise<KubePort> {
  const port = await connectKube({ kubeconfig: file, context });
  onTestFinished(() => port.close());
  return port;
}

export interface Given {
  readonly docker?: DockerPort;
  readonly kube?: KubePort;
}

export function portsOf({ docker, kube }: Given): Ports {
  const missing = async (): Promise<never> => {
    throw new Error('not part of this test');
  };
  const logs = createLogStore({ dir: null });
  return {
    now: Date.now,
    disk: createDisk(),
    proc: createProc(),
    logs,
    docker: docker ? async () => docker : missing,
    kube: kube ? async () => kube : missing,
  } as Partial<Ports> as Ports;
}

/** Everything that was said, as one text. */
export const said = (ports: Ports): string =>
  ports.logs
    .tail({}, 10_000)
    .lines.map(({ text }) => text)
    .join('\n');

export const objects = (yaml: string): readonly KubeObject[] =>
  parseObjects(yaml, 'k8s.yaml').objects.map((each) => each.object);
export const object = (yaml: string): KubeObject => parse(yaml) as KubeObject;

export const project = projectOf('tests', '/p');

const place = { file: '/p/sluice.yaml', line: 1, column: 1 };

export { dockerfileBuild } from '../support/docker/dockerfile-build.ts';

export function imageOf(ref: string, build: ImageBuild, fields: Partial<ImageSpec> = {}): ImageWork {
  const dir = build.is === 'dockerfile' ? build.context : build.is === 'command' ? build.dir : '/';
  const files = { roots: [dir], filters: [] };
  return { spec: { ref, at: place, build, files, live: [], bases: [], ...fields }, last: null, files: [] };
}

/** `yaml`: the manifests; objects stand at lines 10, 20, … of k8s.yaml. */
export function workOf(
  namespace: string,
  yaml: string,
  images: readonly ImageWork[] = [],
  fields: Partial<KubeWork> = {},
  ready: KubeWork['spec']['ready'] = 'pods',
): KubeWork {
  return {
    kind: 'kubernetes',
    run: 'web#1',
    resource: 'web',
    cause: 'first',
    why: [],
    change: 1,
    files: [],
    force: false,
    spec: {
      kind: 'kubernetes',
      name: 'web',
      at: place,
      labels: [],
      needs: [],
      trigger: 'auto',
      start: true,
      onChange: 'smart',
      debounce: { quietMs: 50, maxMs: 2000 },
      links: [],
      digest: '',
      objects:
        yaml === ''
          ? []
          : objects(yaml).map((each, i) => ({
              object: each,
              at: { file: '/p/k8s.yaml', line: (i + 1) * 10, column: 1 },
            })),
      images: images.map(({ spec }) => spec.ref),
      workload: null,
      ports: [],
      ready,
      selectors: [],
    },
    kubernetes: { context: null, allow: [], namespace, registry: null },
    project,
    config: 'sluice.yaml',
    adopt: false,
    images,
    containers: [],
    deployed: null,
    updateMode: 'auto',
    runId: 'first-session',
    fullBuild: null,
    ...fields,
  };
}

export async function outcomeOf(events: ReturnType<typeof deployImages>): Promise<Outcome> {
  const all: readonly RunEvent[] = await lastValueFrom(events.pipe(toArray()));
  const last = all.at(-1);
  if (last?.is !== 'ended') throw new Error('the run did not end');
  return last.outcome;
}

/** One deploy without images. */
export const deploy = (
  work: KubeWork,
  ports: Ports,
  stop: AbortSignal = never,
  built: readonly BuiltImage[] = [],
): Promise<Outcome> => outcomeOf(deployImages(work, built, stop, ports));

/** What a successful outcome deployed; fails with the problem of another one. */
export function deployedBy(outcome: Outcome): NonNullable<KubeWork['deployed']> {
  if (outcome.is !== 'ok' || !outcome.result.deployed) throw new Error(JSON.stringify(outcome));
  return outcome.result.deployed;
}
