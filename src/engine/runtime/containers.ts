// DeployDiscovery: which container runs which image of which resource, and which changes are inside it.
import type { ComposeSpec, KubeSpec } from '../../model/config.ts';
import { imageOf, isSameImage } from '../../model/manifests.ts';
import type { Container, Pod } from '../../model/pods/pod.ts';
import type { ContainerTarget } from '../../model/run.ts';
import type { DeployableState, EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { currentPods, podsByResource } from './runtime.ts';
import { hasFallen } from './trial.ts';

/** Containers of the current deploy that run one of our images; none before the first deploy of this session. */
export function containersOf(state: EngineState, name: string, resource: ResourceState): readonly ContainerTarget[] {
  if (resource.kind === 'local' || resource.deploy.result === null) return [];
  const { spec } = resource;
  return currentPods(state, resource, podsByResource(state).get(name) ?? [])
    .filter(({ phase }) => phase !== 'Failed' && phase !== 'Succeeded')
    .flatMap((pod) =>
      pod.containers
        .filter(({ lasting }) => lasting)
        .flatMap((container): ContainerTarget[] => {
          const image = imageOfContainer(state, resource, spec, container.image);
          return image ? [targetOf(state, resource, pod, container, image)] : [];
        }),
    );
}

function targetOf(
  state: EngineState,
  resource: DeployableState,
  pod: Pod,
  container: Container,
  image: string,
): ContainerTarget {
  const holds =
    lookup(state.config.current?.images, image)?.build.is === 'elsewhere'
      ? 0
      : (lookup(resource.deploy.imagesAt, image) ?? 0);
  const running = container.state === 'running' && container.id !== null;
  const ledger = container.id === null ? undefined : lookup(state.ledgers, container.id);
  return {
    id: container.id ?? '',
    name: container.name,
    pod: pod.name,
    podUid: pod.uid,
    namespace: pod.namespace,
    node: pod.node,
    image,
    running,
    status: container.reason ?? container.state,
    readOnlyRoot: container.readOnlyRoot,
    // What was put into one that has ended is lost: it begins again with what its image holds.
    ledger: running ? (ledger ?? holds) : holds,
    isNew: ledger === undefined,
    freshAt: lookup(resource.deploy.imagesAt, image) ?? 0,
    fell: hasFallen(state.trials, pod, container),
    restarts: container.restarts,
  };
}

function imageOfContainer(
  state: EngineState,
  resource: DeployableState,
  spec: KubeSpec | ComposeSpec,
  running: string,
): string | null {
  const built = spec.images.find((ref) => {
    const injected = lookup(resource.deploy.result?.images, ref);
    return injected !== undefined && isSameImage(injected, running);
  });
  const elsewhere = spec.images.filter((ref) => lookup(state.config.current?.images, ref)?.build.is === 'elsewhere');
  // What a container of a service runs is the service's image, whatever it is called.
  return built ?? (spec.kind === 'compose' ? (elsewhere[0] ?? null) : imageOf(running, elsewhere));
}

export interface Refill {
  /** Running containers that lack something and are to get it. */
  readonly containers: readonly ContainerTarget[];
  /** Oldest change that a container lacks, running or not; null where only initial files are missing. */
  readonly oldest: number | null;
}

/**
 * A container that was started anew (crash, reschedule, scale up) begins with what its image holds: what earlier runs had
 * brought in place has to be brought in again. Not into one that those files have ended: it waits for a change.
 */
export function refillOf(state: EngineState, name: string, resource: ResourceState): Refill | null {
  if (resource.kind === 'local' || !resource.update.hasSucceeded || !resource.enabled || !hasLiveRules(state, resource))
    return null;
  const { updateMode } = state.options;
  if (updateMode === 'image' || updateMode === 'naive') return null;
  const containers: ContainerTarget[] = [];
  let oldest: number | null = null;
  for (const container of containersOf(state, name, resource)) {
    // Done: a container of a pod that does not start it again.
    if (!container.running && container.status === 'Completed') continue;
    const missing = Object.values(lookup(state.images, container.image)?.files ?? {})
      .map(({ change }) => change)
      .filter((change) => change > container.ledger && change <= dealtWith(resource));
    if (missing.length === 0 && !lacksInitial(state, container)) continue;
    if (container.running && !container.fell && !resource.deploy.restarting) containers.push(container);
    for (const change of missing) oldest = Math.min(oldest ?? change, change);
  }
  return containers.length > 0 || oldest !== null ? { containers, oldest } : null;
}

/** What a failed update did not bring into a container that has gone since is due in the one that took its place. */
const dealtWith = ({ changes: { contained, given }, update: { last } }: ResourceState): number =>
  last?.outcome === 'failed' && last.phase === 'update' ? Math.max(contained, given) : contained;

const lacksInitial = (state: EngineState, { isNew, image }: ContainerTarget): boolean =>
  isNew &&
  (lookup(state.config.current?.images, image)?.live.some((rule) => rule.is === 'sync' && rule.initial) ?? false);

export const hasLiveRules = (state: EngineState, { spec }: ResourceState): boolean =>
  spec.kind !== 'local' && spec.images.some((ref) => (lookup(state.config.current?.images, ref)?.live.length ?? 0) > 0);
