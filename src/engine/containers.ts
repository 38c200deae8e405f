// DeployDiscovery: which container runs which image of which resource, and which changes are inside it.
import type { KubeSpec } from '../model/config.ts';
import { lookup } from '../model/lookup.ts';
import { type ImageName, imageName } from '../model/manifests.ts';
import type { ContainerTarget } from '../model/run.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { currentPods, podsByResource } from './runtime.ts';

/** Containers of the current deploy that run one of our images; none before the first deploy of this session. */
export function containersOf(state: EngineState, name: string, resource: ResourceState): readonly ContainerTarget[] {
  const { spec } = resource;
  if (spec.kind !== 'kubernetes' || resource.deployed === null) return [];
  return currentPods(state, resource, podsByResource(state).get(name) ?? []).flatMap((pod) =>
    pod.containers
      .filter((container) => container.type === 'main')
      .flatMap((container): ContainerTarget[] => {
        const image = imageOfContainer(state, resource, spec, container.image);
        if (!image) return [];
        const built = lookup(state.images, image)?.last?.change ?? 0;
        return [
          {
            id: container.id ?? '',
            name: container.name,
            pod: pod.name,
            podUid: pod.uid,
            namespace: pod.namespace,
            node: pod.node,
            image,
            running: container.state === 'running' && container.id !== null,
            status: container.reason ?? container.state,
            readOnlyRoot: container.readOnlyRoot,
            ledger: container.id ? (lookup(state.ledgers, container.id) ?? built) : built,
            isNew: container.id === null || lookup(state.ledgers, container.id) === undefined,
            restarts: container.restarts,
          },
        ];
      }),
  );
}

function imageOfContainer(state: EngineState, resource: ResourceState, spec: KubeSpec, running: string): string | null {
  for (const ref of spec.images) {
    const injected = lookup(resource.deployed?.images, ref);
    if (injected && isSameImage(injected, running)) return ref;
    const isElsewhere = lookup(state.config.current?.images, ref)?.build.is === 'elsewhere';
    if (isElsewhere && isSameImage(ref, running)) return ref;
  }
  return null;
}

/** Runtimes report short names in full: `nginx` as `docker.io/library/nginx:latest`. */
const isSameImage = (a: string, b: string): boolean => {
  const [one, other] = [imageName(a), imageName(b)];
  const tag = (image: ImageName): string | null => image.tag ?? (image.digest === null ? 'latest' : null);
  return one.name === other.name && one.digest === other.digest && tag(one) === tag(other);
};

/** Images of this resource that are newer than what it has deployed: built for another resource, or before a failed deploy. */
export const newerImages = (state: EngineState, { spec, deployed }: ResourceState): readonly string[] =>
  spec.kind === 'kubernetes' && deployed
    ? spec.images.filter((ref) => {
        const [last, injected] = [lookup(state.images, ref)?.last, lookup(deployed.images, ref)];
        return last && injected !== undefined && last.inCluster !== injected;
      })
    : [];

export interface Refill {
  /** Running containers that lack something. */
  readonly containers: readonly ContainerTarget[];
  /** Oldest change that one of them lacks, null where only its initial files are missing. */
  readonly oldest: number | null;
}

/**
 * A container that was started anew (crash, reschedule, scale up) begins with what its image holds: what earlier runs had
 * brought in place has to be brought in again.
 */
export function refillOf(state: EngineState, name: string, resource: ResourceState): Refill | null {
  if (!resource.hasSucceeded || !resource.enabled || !hasLiveRules(state, resource)) return null;
  const { updateMode } = state.options;
  if (updateMode === 'image' || updateMode === 'naive' || newerImages(state, resource).length > 0) return null;
  const containers: ContainerTarget[] = [];
  let oldest: number | null = null;
  for (const container of containersOf(state, name, resource)) {
    if (!container.running) continue;
    const missing = Object.values(lookup(state.images, container.image)?.files ?? {})
      .map(({ change }) => change)
      .filter((change) => change > container.ledger && change <= dealtWith(resource));
    if (missing.length === 0 && !lacksInitial(state, container)) continue;
    containers.push(container);
    for (const change of missing) oldest = Math.min(oldest ?? change, change);
  }
  return containers.length > 0 ? { containers, oldest } : null;
}

/** What a failed update did not bring into a container that has gone since is due in the one that took its place. */
const dealtWith = ({ contained, given, last }: ResourceState): number =>
  last?.outcome === 'failed' && last.phase === 'update' ? Math.max(contained, given) : contained;

const lacksInitial = (state: EngineState, { isNew, image }: ContainerTarget): boolean =>
  isNew &&
  (lookup(state.config.current?.images, image)?.live.some((rule) => rule.is === 'sync' && rule.initial) ?? false);

export const hasLiveRules = (state: EngineState, { spec }: ResourceState): boolean =>
  spec.kind === 'kubernetes' &&
  spec.images.some((ref) => (lookup(state.config.current?.images, ref)?.live.length ?? 0) > 0);
