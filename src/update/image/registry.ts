// Where images go: the repository name in the registry, whether a push is needed at all, and the push.
import { lastValueFrom, tap } from 'rxjs';
import { imageName } from '../../model/manifests.ts';
import type { Announced, DockerInfo, DockerPort, KubePort, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import type { ContainersWork, KubeWork } from '../../model/run.ts';
import type { Saying } from '../from-async.ts';
import { transfers } from './transfer-progress.ts';

export interface Destination {
  /** Registry to push to, null: under the image's own name. */
  readonly host: string | null;
  /** The same registry as the cluster's nodes call it. */
  readonly fromCluster: string | null;
  /** As pods of the cluster call it, where that is another name: a builder there pushes to it. */
  readonly fromPods?: string;
  /** The cluster runs on the daemon that builds, or takes images by `kind load`: nothing is pushed. */
  readonly push: boolean;
  readonly kindLoad: boolean;
  /** Null where it was named, or found out; `mayBeThere` says why it could not be, null where there is none. */
  readonly unknown: { readonly context: string; readonly mayBeThere: string | null } | null;
}

/** A cluster's registry stays where it is; one that has none may be given one. */
const announcements = new WeakMap<KubePort, Announced>();

/**
 * Configuration first, then what the cluster announces; a cluster on the building daemon needs no push. `docker` null: the
 * builder is none, and pushes in any case.
 */
export async function destinationOf(
  work: { readonly kubernetes: Pick<KubeWork['kubernetes'], 'registry'> },
  kube: KubePort,
  docker: DockerInfo | null,
  stop: AbortSignal,
): Promise<Destination> {
  const { registry } = work.kubernetes;
  const known = { push: true, kindLoad: false, unknown: null };
  if (registry) return { ...known, host: registry, fromCluster: registry };
  if (docker && kube.sharesDaemon(docker)) return { ...known, host: null, fromCluster: null, push: false };
  const announced = announcements.get(kube) ?? (await kube.registry(stop));
  if (announced && 'host' in announced) {
    announcements.set(kube, announced);
    const { host, hostFromCluster, hostFromPods } = announced;
    const fromPods = hostFromPods ? { fromPods: hostFromPods } : {};
    return { ...known, host, fromCluster: hostFromCluster ?? host, ...fromPods };
  }
  const kindLoad = docker !== null && loaders[kube.info.local ?? ''] !== undefined;
  const unknown = { context: kube.info.context, mayBeThere: announced?.unread.what ?? null };
  return { host: null, fromCluster: null, push: !kindLoad, kindLoad, unknown: kindLoad ? null : unknown };
}

/** Of Compose services, which run on the daemon that builds: nothing is pushed, and no cluster is asked. */
export const onThisDaemon: Destination = { host: null, fromCluster: null, push: false, kindLoad: false, unknown: null };

/** `docker` as of destinationOf. */
export const destinationFor = async (
  work: ContainersWork,
  docker: DockerPort | null,
  ports: Pick<Ports, 'kube'>,
  stop: AbortSignal,
): Promise<Destination> =>
  work.kind === 'compose'
    ? onThisDaemon
    : destinationOf(work, await ports.kube(), docker && (await docker.info(stop)), stop);

/** `<registry>/<name with / : @ replaced by _>`, unless the name is in that registry already. No tag. */
export function repositoryOf(ref: string, host: string | null): string {
  const name = withoutTag(ref);
  if (host === null || name.startsWith(`${host}/`) || imageName(name).name.startsWith(`${host}/`)) return name;
  // `app` and `app:stretch` are two images: the tag becomes part of the name.
  const tag = ref.slice(name.length);
  return `${host}/${(name + tag).replace(/[/:@]/g, '_').toLowerCase()}`;
}

/** The name under which the cluster's nodes pull what we pushed as `tagged`. */
export const inCluster = (tagged: string, { host, fromCluster }: Destination): string =>
  host !== null && fromCluster !== null && tagged.startsWith(`${host}/`)
    ? `${fromCluster}${tagged.slice(host.length)}`
    : tagged;

/** The name under which pods of the cluster push and pull it. */
export const inPods = (tagged: string, { host, fromCluster, fromPods }: Destination): string => {
  const place = fromPods ?? fromCluster;
  return host !== null && place !== null && tagged.startsWith(`${host}/`)
    ? `${place}${tagged.slice(host.length)}`
    : tagged;
};

export function withoutTag(ref: string): string {
  const name = ref.split('@')[0] ?? ref;
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** From the content: an unchanged image gives unchanged manifests and no new pod. */
export const tagOf = (imageId: string): string => `sluice-${imageId.replace(/^sha256:/, '').slice(0, 16)}`;

export interface Delivering {
  readonly work: ContainersWork;
  readonly docker: DockerPort;
  readonly destination: Destination;
  readonly ports: Ports;
  readonly say: Saying;
  readonly stop: AbortSignal;
}

/** Pushes, or loads into the nodes of a local cluster. The digest in the registry; null where nothing was pushed. */
export async function deliver(tagged: string, delivery: Delivering): Promise<string | null> {
  if (delivery.destination.kindLoad) return load(tagged, delivery);
  if (!delivery.destination.push) return null;
  delivery.say.step(`push ${tagged}`);
  const origin = { resource: delivery.work.resource, source: 'build' as const, run: delivery.work.run };
  const pushed = transfers('push');
  const last = await lastValueFrom(
    delivery.docker.push(tagged, delivery.stop).pipe(
      tap((event) => {
        const text = event.is === 'progress' ? pushed(event) : '';
        if (text) delivery.ports.logs.write(origin, `${text}\r`, delivery.ports.now());
      }),
    ),
  );
  delivery.ports.logs.end(origin, delivery.ports.now());
  if (last.is !== 'pushed') throw new Error('the push ended without a digest');
  return last.digest;
}

/** A registry that shows nothing to us may still take a push, which then says what is wrong. */
export async function isDelivered(tagged: string, docker: DockerPort, stop: AbortSignal): Promise<boolean> {
  try {
    return await docker.inRegistry(tagged, stop);
  } catch (error) {
    if (isProblemError(error) && error.problem.kind === 'denied') return false;
    throw error;
  }
}

/** Local clusters that bring a command of their own for images; each skips nodes that have the image. */
const loaders: Readonly<Record<string, (tagged: string, cluster: string) => readonly string[]>> = {
  kind: (tagged, cluster) => ['kind', 'load', 'docker-image', tagged, '--name', cluster.replace(/^kind-/, '')],
  k3d: (tagged, cluster) => ['k3d', 'image', 'import', tagged, '--cluster', cluster.replace(/^k3d-/, '')],
  minikube: (tagged, cluster) => ['minikube', 'image', 'load', tagged, '--profile', cluster],
};

async function load(tagged: string, delivery: Delivering): Promise<null> {
  delivery.say.step(`load ${tagged}`);
  const { info } = await delivery.ports.kube();
  const cmd = loaders[info.local ?? '']?.(tagged, info.cluster) ?? [];
  const origin = { resource: delivery.work.resource, source: 'build' as const, run: delivery.work.run };
  const exit = await lastValueFrom(
    delivery.ports.proc.run({ cmd, dir: '.' }, delivery.stop).pipe(
      tap((event) => {
        if (event.is === 'output') delivery.ports.logs.write(origin, event.chunk, delivery.ports.now());
      }),
    ),
  );
  delivery.ports.logs.end(origin, delivery.ports.now());
  delivery.stop.throwIfAborted();
  if (exit.is === 'exited' && exit.code === 0) return null;
  throw new ProblemError({
    kind: 'step',
    code: 'S262',
    what: `${cmd[0]} could not load ${tagged}`,
    hint: `try it by hand: ${cmd.join(' ')}; or give the cluster a registry`,
  });
}
