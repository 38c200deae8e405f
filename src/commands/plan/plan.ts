// `plan`: what `up` would build and deploy, in which order and why. Reads files, Docker and the cluster; changes nothing.
import { dirname } from 'node:path';
import { scrubbedValue } from '../../logs/scrub/scrub-json.ts';
import { usesDocker } from '../../model/builds/who-builds.ts';
import type { ComposeService } from '../../model/compose.ts';
import type { ComposeSpec, Config, ImageSpec, LeftOut, ObjectRef, Release, ResourceSpec } from '../../model/config.ts';
import { imagesIn, kindOrder, objectRef, placesOf } from '../../model/manifests.ts';
import type { DockerPort, KubePort, Ports } from '../../model/ports.ts';
import { type Problem, problemOf, type SourcePos } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { loaded } from '../../sources/config-load.ts';
import { createImageCache } from '../../update/image/known/known-images.ts';
import { type Destination, deliveryWords, destinationOf, onThisDaemon } from '../../update/image/registry.ts';
import { wire } from '../../wiring.ts';
import { guardOf } from '../cluster-guard.ts';
import { answered, notesOf } from './cluster.ts';
import { type ImagePlan, type ImagePlanning, planImage } from './images.ts';
import { manifestsText } from './manifests.ts';
import { isBuiltMeanwhile, type PlannedNeed, plannedNeeds } from './needs.ts';
import { startOrder } from './order.ts';

export interface PlanRequest {
  readonly file: string;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly only: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Also how each object would change. */
  readonly diff?: boolean;
}

export interface ResourcePlan {
  readonly name: string;
  readonly kind: ResourceSpec['kind'];
  readonly at: SourcePos;
  readonly needs: readonly PlannedNeed[];
  /** Its images are built while what it needs starts. */
  readonly builtMeanwhile?: true;
  readonly trigger: 'auto' | 'manual';
  /** False: only when asked. */
  readonly start: boolean;
  readonly images: readonly ImagePlan[];
  readonly apply: readonly ObjectRef[];
  readonly cmd: string | null;
  readonly serve: string | null;
  readonly compose?: ComposePlan;
  /** Why a deploy of it would fail, as far as that can be known before. */
  readonly problems: readonly Problem[];
  /** What the API server warns of, each with its object. */
  readonly warnings: readonly string[];
  /** A unified diff of all its objects, where it was asked for. */
  readonly diff?: string;
  /** Moments of its release at which this hook runs, and on which side of the rest. */
  readonly hook?: NonNullable<Release['hook']>;
}

/** What the containers of a Compose service are made of. */
export interface ComposePlan {
  readonly project: string;
  readonly service: string;
  readonly image: string;
  /** How many there are to be. */
  readonly containers: number;
  /** The service as `docker compose config` prints it. */
  readonly config: ComposeService;
}

export interface Plan {
  readonly file: string;
  /** Null where it is not needed; a problem where it cannot be asked or may not be touched. */
  readonly docker: Problem | 'ok' | null;
  readonly cluster: Problem | 'ok' | null;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly registry: string | null;
  /** How images get to the nodes, for people; null where there are none, or nobody could be asked. */
  readonly delivery: string | null;
  /** In the order in which they start. */
  readonly resources: readonly ResourcePlan[];
  /** Hooks of charts whose moment never comes under `up`. */
  readonly leftOut: readonly LeftOut[];
  /** Of the configuration: what is right and will hardly be meant. */
  readonly warnings: readonly Problem[];
}

export type Planned =
  | { readonly plan: Plan; readonly manifests: string }
  /** Of the configuration. */
  | { readonly problems: readonly Problem[] };

/** Rejects with a ProblemError for a resource that does not exist. */
export async function planUp(request: PlanRequest, stop: AbortSignal): Promise<Planned> {
  const wired = wire({ ...request, dir: dirname(request.file), spills: false });
  const { ports } = wired;
  try {
    const found = await loaded(request, ports, stop);
    if ('problems' in found) return found;
    const { config } = found;
    wired.pin(config.kubernetes?.context ?? null);
    const names = startOrder(config, request.only);
    const reached = await reach(config, names, request, ports, stop);
    return {
      plan: scrubbedValue(await planned(config, names, reached, request.diff ?? false, ports, stop), ports.logs.scrub),
      manifests: manifestsText(config, names, ports.logs.scrub),
    };
  } finally {
    await wired.close();
  }
}

interface Reached {
  readonly docker: DockerPort | null;
  /** Null: not there, or not to be touched. */
  readonly kube: KubePort | null;
  readonly destination: Destination | null;
  readonly shown: Omit<Plan, 'file' | 'resources' | 'leftOut' | 'warnings'>;
}

async function reach(
  config: Config,
  names: readonly string[],
  request: PlanRequest,
  ports: Ports,
  stop: AbortSignal,
): Promise<Reached> {
  const all = names.flatMap((name) => lookup(config.resources, name) ?? []);
  const specs = all.filter(({ kind }) => kind === 'kubernetes');
  const isDockerNeeded = all.some(
    (spec) =>
      spec.kind === 'compose' ||
      (spec.kind === 'kubernetes' && spec.images.some((ref) => usesDocker(lookup(config.images, ref)?.build))),
  );
  const [docker, kube] = await Promise.all([
    isDockerNeeded ? ports.docker().catch((error: unknown) => problemOf(error)) : null,
    specs.length > 0 ? ports.kube().catch((error: unknown) => problemOf(error)) : null,
  ]);
  const daemon = isPort(docker) ? docker : null;
  const cluster = isPort(kube) ? kube : null;
  const destination = await whereTo(config, isDockerNeeded, daemon, cluster, stop);
  const refused = cluster && guardOf(config.kubernetes, cluster.info);
  return {
    docker: daemon,
    kube: refused ? null : cluster,
    destination,
    shown: {
      docker: daemon ? 'ok' : (docker as Problem | null),
      cluster: cluster ? (refused ?? 'ok') : (kube as Problem | null),
      context: cluster?.info.context ?? null,
      namespace: request.namespace ?? config.kubernetes?.namespace ?? cluster?.info.namespace ?? null,
      registry: destination?.host ?? null,
      delivery:
        destination && specs.some((spec) => spec.kind !== 'local' && spec.images.length > 0)
          ? deliveryWords(destination)
          : null,
    },
  };
}

const isPort = <T extends DockerPort | KubePort>(found: T | Problem | null): found is T =>
  found !== null && 'close' in found;

async function whereTo(
  { kubernetes }: Config,
  isDockerNeeded: boolean,
  docker: DockerPort | null,
  kube: KubePort | null,
  stop: AbortSignal,
): Promise<Destination | null> {
  const { registry: host = null, delivery } = kubernetes ?? {};
  const isHere = delivery === 'load' || delivery === 'shared';
  if (host !== null && !isHere) return { host, fromCluster: host, push: true, load: null, unknown: null };
  if (!kube || (isDockerNeeded && !docker)) return null;
  // A cluster that fails while it is asked is one that is not there.
  const daemon = docker && (await docker.info(stop));
  return destinationOf({ kubernetes: { registry: null, ...(delivery ? { delivery } : {}) } }, kube, daemon, stop).catch(
    () => null,
  );
}

async function planned(
  config: Config,
  names: readonly string[],
  { docker, kube, destination, shown }: Reached,
  isDiff: boolean,
  ports: Ports,
  stop: AbortSignal,
): Promise<Plan> {
  const cache = createImageCache(ports.disk, config.dir);
  const { disk, registry } = ports;
  const bases = new Set(Object.values(config.images).flatMap((image) => image.bases));
  const images: ImagePlanning = { disk, cache, docker, registry, destination, bases, stop, done: new Map() };
  const namespace = shown.namespace ?? 'default';
  const asking = kube && {
    config,
    kube,
    docker,
    namespace,
    notes: notesOf(config, ports),
    cache,
    destination,
    ports,
    stop,
  };
  let { cluster } = shown;
  const resources: ResourcePlan[] = [];
  for (const name of names) {
    const spec = lookup(config.resources, name);
    if (!spec) continue;
    const plan = await planResource(spec, config, images, ports.logs.scrub);
    const isAsked = spec.kind === 'kubernetes' && asking && cluster === 'ok';
    const answer = isAsked ? await answered(spec, plan.images, isDiff, asking) : null;
    if (answer && 'away' in answer) cluster = answer.away;
    resources.push({ ...plan, ...(answer && !('away' in answer) ? answer : {}) });
  }
  return { file: config.file, ...shown, cluster, resources, leftOut: config.leftOut ?? [], warnings: config.warnings };
}

async function planResource(
  spec: ResourceSpec,
  config: Config,
  images: ImagePlanning,
  scrub: (text: string) => string,
): Promise<ResourcePlan> {
  const { name, kind, at, trigger, start } = spec;
  const hook = spec.kind === 'kubernetes' && spec.release?.hook;
  const meanwhile = isBuiltMeanwhile(config, spec) ? { builtMeanwhile: true as const } : {};
  const needs = plannedNeeds(config, spec);
  const base = { name, kind, at, needs, ...meanwhile, trigger, start, ...(hook ? { hook } : {}) };
  if (spec.kind === 'local') {
    const [cmd, serve] = [spec.cmd, spec.serve].map((text) => (text === null ? null : scrub(text)));
    return { ...base, ...silent, images: [], apply: [], cmd: cmd ?? null, serve: serve ?? null };
  }
  const objects = spec.kind === 'kubernetes' ? spec.objects.map(({ object }) => object) : [];
  const used = new Set(
    spec.kind === 'compose' ? [spec.image] : imagesIn(objects, spec.images, placesOf(Object.values(config.images))),
  );
  const plans: ImagePlan[] = [];
  const planning = spec.kind === 'compose' ? { ...images, destination: onThisDaemon } : images;
  for (const ref of spec.images)
    plans.push(await planImage(lookup(config.images, ref) as ImageSpec, used.has(ref), planning));
  const apply = kindOrder(objects).map((object) => objectRef(object));
  const compose = spec.kind === 'compose' ? { compose: composePlan(spec) } : {};
  return { ...base, ...silent, images: plans, apply, cmd: null, serve: null, ...compose };
}

const composePlan = ({ compose, service, image, replicas, config }: ComposeSpec): ComposePlan => ({
  project: compose.name,
  service,
  image,
  containers: replicas,
  config,
});

const silent = { problems: [], warnings: [] };
