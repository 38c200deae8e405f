// Where images go: the repository name in the registry, and whether a push is needed at all.
import type { DockerInfo, KubePort } from '../model/ports.ts';
import type { KubeWork } from '../model/run.ts';

export interface Destination {
  /** Registry to push to, null: under the image's own name. */
  readonly host: string | null;
  /** The same registry as the cluster's nodes call it. */
  readonly fromCluster: string | null;
  /** The cluster runs on the daemon that builds, or takes images by `kind load`: nothing is pushed. */
  readonly push: boolean;
  readonly kindLoad: boolean;
}

/** Configuration first, then what the cluster announces; a cluster on the building daemon needs no push. */
export async function destinationOf(
  work: KubeWork,
  kube: KubePort,
  docker: DockerInfo,
  stop: AbortSignal,
): Promise<Destination> {
  const configured = work.kubernetes.registry;
  if (configured) return { host: configured, fromCluster: configured, push: true, kindLoad: false };
  if (kube.sharesDaemon(docker)) return { host: null, fromCluster: null, push: false, kindLoad: false };
  const announced = await kube.registry(stop);
  if (announced)
    return {
      host: announced.host,
      fromCluster: announced.hostFromCluster ?? announced.host,
      push: true,
      kindLoad: false,
    };
  return { host: null, fromCluster: null, push: kube.info.local !== 'kind', kindLoad: kube.info.local === 'kind' };
}

/** `<registry>/<name with / : @ replaced by _>`, unless the name is in that registry already. No tag. */
export function repositoryOf(ref: string, host: string | null): string {
  const name = withoutTag(ref);
  if (host === null || name.startsWith(`${host}/`)) return name;
  // `app` and `app:stretch` are two images: the tag becomes part of the name.
  const tag = ref.slice(name.length);
  return `${host}/${(name + tag).replace(/[/:@]/g, '_').toLowerCase()}`;
}

/** The name under which the cluster's nodes pull what we pushed as `tagged`. */
export const inCluster = (tagged: string, { host, fromCluster }: Destination): string =>
  host !== null && fromCluster !== null && tagged.startsWith(`${host}/`)
    ? `${fromCluster}${tagged.slice(host.length)}`
    : tagged;

export function withoutTag(ref: string): string {
  const name = ref.split('@')[0] ?? ref;
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** From the content: an unchanged image gives unchanged manifests and no new pod. */
export const tagOf = (imageId: string): string => `sluice-${imageId.replace(/^sha256:/, '').slice(0, 16)}`;
