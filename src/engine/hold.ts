// Why a resource that wants a run has to wait. The first reason that applies is the one shown.
import type { KubeSpec, Need } from '../model/config.ts';
import { lookup } from '../model/lookup.ts';
import type { EngineState, Hold, ResourceState } from '../model/state.ts';
import { containersOf, hasLiveRules } from './containers.ts';
import { isRunning } from './resource.ts';

export function holdOf(state: EngineState, name: string, resource: ResourceState): Hold | null {
  if (lookup(state.removals, name)) return { reason: 'removing', on: [name] };
  if (state.config.wanted !== state.config.loaded) return { reason: 'config-reload', on: ['sluice.yaml'] };
  if (state.options.watch && !state.files.watching) return { reason: 'watching', on: ['files'] };
  if (state.git.held && resource.asked?.cause !== 'trigger') return { reason: 'git', on: [state.git.because] };
  const { spec } = resource;
  const needs = spec.needs.filter((need) => isUnmet(state, resource, need)).map((need) => need.name);
  if (needs.length > 0) return { reason: 'needs', on: needs };
  if (spec.kind === 'local') return null;
  return outOfReach(state, spec) ?? clusterHold(state, name, resource, spec);
}

/** Docker only for images that we build; the cluster for anything deployed. */
function outOfReach(state: EngineState, spec: KubeSpec): Hold | null {
  const builds = spec.images.some((ref) => isBuilt(state, ref));
  if (builds && !state.docker.ok) return { reason: 'docker', on: ['docker'] };
  return state.cluster.ok ? null : { reason: 'cluster', on: [state.cluster.info?.context ?? 'cluster'] };
}

function clusterHold(state: EngineState, name: string, resource: ResourceState, spec: KubeSpec): Hold | null {
  const base = state.resources.uncategorized;
  if (name !== 'uncategorized' && base?.enabled && (isRunning(base) || (!base.hasSucceeded && base.asked !== null)))
    return { reason: 'uncategorized', on: ['uncategorized'] };
  const sharing = state.order.filter((other) => {
    const it = lookup(state.resources, other) as ResourceState;
    return (
      other !== name &&
      isRunning(it) &&
      it.spec.kind === 'kubernetes' &&
      it.spec.images.some((ref) => isBuilt(state, ref) && spec.images.includes(ref))
    );
  });
  if (sharing.length > 0) return { reason: 'shared-image', on: sharing };
  return isStarting(state, name, resource) ? { reason: 'container-starting', on: [name] } : null;
}

const isBuilt = (state: EngineState, ref: string): boolean =>
  lookup(state.config.current?.images, ref)?.build.is !== 'elsewhere';

/**
 * A change that could be put into the container waits for it to run: a save while the pod starts must not cost a full build.
 * Running is enough: one that is not ready may be waiting for this very change.
 */
function isStarting(state: EngineState, name: string, resource: ResourceState): boolean {
  const { updateMode } = state.options;
  if (resource.asked !== null || updateMode === 'image' || updateMode === 'naive') return false;
  const { status, stuck } = resource.runtime;
  if (resource.deployed === null || status !== 'pending' || stuck || !hasLiveRules(state, resource)) return false;
  const containers = containersOf(state, name, resource);
  return containers.length === 0 || containers.some(({ running }) => !running);
}

/** Its newest version is on its way: building, deploying, or deployed and not ready yet. */
export const isComingUp = (resource: ResourceState): boolean =>
  resource.enabled &&
  (isRunning(resource) ||
    resource.asked !== null ||
    resource.restarting ||
    resource.wantsRestart ||
    (resource.runtime.status === 'pending' && !resource.runtime.stuck));

/**
 * Every need gates the first run. `wait-fresh` holds every run until what is needed has its own newest change live; a run asked
 * for by `rerun` waits until the new version is up, or it would be a run against the old one.
 */
function isUnmet(state: EngineState, resource: ResourceState, need: Need): boolean {
  const other = lookup(state.resources, need.name);
  if (!other) return false;
  if (need.hook) return isHookUnmet(resource, other, need.hook);
  if (!resource.hasSucceeded && !other.wasReady) return true;
  if (need.update === 'rerun') return resource.asked?.cause === 'needs' && isComingUp(other);
  return (
    need.update === 'wait-fresh' &&
    other.enabled &&
    (isRunning(other) || other.asked !== null || other.live < other.seen)
  );
}

/**
 * A release and its hooks: a hook before it must have ended well, and a part must be applied before a hook that comes after it,
 * ready or not: it may be waiting for that very hook. Again at each upgrade, which a changed configuration is; a save is none.
 */
function isHookUnmet(resource: ResourceState, other: ResourceState, when: NonNullable<Need['hook']>): boolean {
  if (!other.enabled) return false;
  const isUpgrade = resource.asked?.cause === 'config';
  if (when === 'after') return !other.hasSucceeded || (isUpgrade && (isRunning(other) || other.asked !== null));
  const isReady = resource.hasSucceeded || other.wasReady;
  return !isReady || (isUpgrade && (isComingUp(other) || other.runtime.status === 'failed'));
}
