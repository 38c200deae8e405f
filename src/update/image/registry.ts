// Where images go: the repository name in the registry, whether a push is needed at all, and the push.
import { lastValueFrom, tap } from 'rxjs';
import { limits } from '../../model/limits.ts';
import { imageName } from '../../model/manifests.ts';
import type { Announced, DockerInfo, DockerPort, KubePort, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problems/problem.ts';
import type { ContainersWork, KubeWork } from '../../model/run.ts';
import type { Saying } from '../strategy-run.ts';
import { loadCommand, loaderAsked, loaderFor, loadWords } from './loaders.ts';
import { transfers } from './progress/transfer-progress.ts';

export interface Destination {
  /** Registry to push to, null: under the image's own name. */
  readonly host: string | null;
  /** The same registry as the cluster's nodes call it. */
  readonly fromCluster: string | null;
  /** As pods of the cluster call it, where that is another name: a builder there pushes to it. */
  readonly fromPods?: string;
  /** False: the cluster runs on the daemon that builds, or takes images by a command of its own. */
  readonly push: boolean;
  /** Whose command brings them into the nodes (src/update/image/loaders.ts), null for none. */
  readonly load: string | null;
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
  work: { readonly kubernetes: Pick<KubeWork['kubernetes'], 'registry' | 'delivery'> },
  kube: KubePort,
  docker: DockerInfo | null,
  stop: AbortSignal,
): Promise<Destination> {
  const { registry, delivery } = work.kubernetes;
  const known = { push: true, load: null, unknown: null };
  const inDocker = { ...known, host: null, fromCluster: null, push: false };
  if (docker && delivery === 'load')
    return { ...inDocker, load: loaderAsked(kube.info) ?? noLoader(kube.info.context) };
  if (docker && delivery === 'shared') return inDocker;
  if (registry) return { ...known, host: registry, fromCluster: registry };
  if (docker && delivery !== 'push' && kube.sharesDaemon(docker)) return inDocker;
  const announced = announcements.get(kube) ?? (await kube.registry(stop));
  if (announced && 'host' in announced) {
    announcements.set(kube, announced);
    const { host, hostFromCluster, hostFromPods } = announced;
    const fromPods = hostFromPods ? { fromPods: hostFromPods } : {};
    return { ...known, host, fromCluster: hostFromCluster ?? host, ...fromPods };
  }
  const load = docker !== null && delivery !== 'push' ? loaderFor(kube.info) : null;
  if (load !== null) return { ...inDocker, load };
  const unknown = { context: kube.info.context, mayBeThere: announced?.unread.what ?? null };
  return { ...known, host: null, fromCluster: null, unknown };
}

function noLoader(context: string): never {
  throw new ProblemError({
    kind: 'yours',
    code: 'S265',
    what: `delivery: load: the cluster of ${context} does not run on this machine, and no command is known that loads images into it`,
    hint: 'give it a registry: kubernetes: {registry: HOST:PORT}, and leave delivery out',
  });
}

/** How images get there, for people. */
export function deliveryWords({ host, push, load }: Destination): string {
  if (load !== null) return `images ${loadWords(load)}`;
  if (!push) return 'images by the Docker that both share';
  return host === null ? 'images pushed under their own names' : `images by ${host}`;
}

/** Of Compose services, which run on the daemon that builds: nothing is pushed, and no cluster is asked. */
export const onThisDaemon: Destination = { host: null, fromCluster: null, push: false, load: null, unknown: null };

const machines = new WeakMap<DockerPort, { readonly info: DockerInfo; readonly until: number }>();

/** Whose machine a daemon runs on, which a save need not ask anew. */
async function machineOf(docker: DockerPort, stop: AbortSignal): Promise<DockerInfo> {
  const known = machines.get(docker);
  if (known && performance.now() < known.until) return known.info;
  const info = await docker.info(stop);
  machines.set(docker, { info, until: performance.now() + limits.machineKnownMs });
  return info;
}

/** `docker` as of destinationOf. */
export const destinationFor = async (
  work: ContainersWork,
  docker: DockerPort | null,
  ports: Pick<Ports, 'kube'>,
  stop: AbortSignal,
): Promise<Destination> =>
  work.kind === 'compose'
    ? onThisDaemon
    : destinationOf(work, await ports.kube(), docker && (await machineOf(docker, stop)), stop);

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
  if (delivery.destination.load !== null) return load(delivery.destination.load, tagged, delivery);
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

async function load(loader: string, tagged: string, delivery: Delivering): Promise<null> {
  delivery.say.step(`load ${tagged}`);
  const { info } = await delivery.ports.kube();
  const cmd = loadCommand(loader, tagged, info.cluster);
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
    what: `${loader} could not load ${tagged}`,
    hint: `${cmd[0] === '/bin/sh' ? '' : `try it by hand: ${cmd.join(' ')}; or `}give the cluster a registry`,
  });
}
