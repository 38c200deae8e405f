// Why a resource that wants a run has to wait. The first reason that applies is the one shown.
import type { KubeSpec } from '../model/config.ts';
import type { EngineState, Hold, ResourceState } from '../model/state.ts';
import { isRunning } from './resource.ts';

export function holdOf(state: EngineState, name: string, resource: ResourceState): Hold | null {
  if (state.removals[name]) return { reason: 'removing', on: [name] };
  if (state.config.wanted !== state.config.loaded) return { reason: 'config-reload', on: ['sluice.yaml'] };
  if (state.options.watch && !state.files.watching) return { reason: 'watching', on: ['files'] };
  if (state.git.held && resource.asked?.cause !== 'trigger') return { reason: 'git', on: [state.git.because] };
  const { spec } = resource;
  const needs = unmetNeeds(state, resource);
  if (needs.length > 0) return { reason: 'needs', on: needs };
  if (spec.kind === 'local') return null;
  return outOfReach(state, spec) ?? clusterHold(state, name, resource, spec);
}

/** Docker only for images that we build; the cluster for anything deployed. */
function outOfReach(state: EngineState, spec: KubeSpec): Hold | null {
  const builds = spec.images.some((ref) => state.config.current?.images[ref]?.build.is !== 'elsewhere');
  if (builds && !state.docker.ok) return { reason: 'docker', on: ['docker'] };
  return state.cluster.ok ? null : { reason: 'cluster', on: [state.cluster.info?.context ?? 'cluster'] };
}

function clusterHold(state: EngineState, name: string, resource: ResourceState, spec: KubeSpec): Hold | null {
  const base = state.resources.uncategorized;
  if (name !== 'uncategorized' && base?.enabled && (isRunning(base) || (!base.hasSucceeded && base.asked !== null)))
    return { reason: 'uncategorized', on: ['uncategorized'] };
  const sharing = state.order.filter((other) => {
    const it = state.resources[other] as ResourceState;
    return (
      other !== name &&
      isRunning(it) &&
      it.spec.kind === 'kubernetes' &&
      it.spec.images.some((ref) => isBuilt(state, ref) && spec.images.includes(ref))
    );
  });
  if (sharing.length > 0) return { reason: 'shared-image', on: sharing };
  return isStarting(state, resource, spec) ? { reason: 'container-starting', on: [name] } : null;
}

const isBuilt = (state: EngineState, ref: string): boolean =>
  state.config.current?.images[ref]?.build.is !== 'elsewhere';

/**
 * A change that could be put into the container waits for it to run: a save while the pod starts must not cost a full build.
 */
function isStarting(state: EngineState, resource: ResourceState, spec: KubeSpec): boolean {
  if (resource.asked !== null || state.options.updateMode === 'image' || state.options.updateMode === 'naive')
    return false;
  const hasLive = spec.images.some((ref) => (state.config.current?.images[ref]?.live.length ?? 0) > 0);
  const { status, stuck } = resource.runtime;
  return hasLive && resource.deployed !== null && status === 'pending' && !stuck;
}

/** `order` gates the first run alone; `wait-fresh` every run until what is needed has its own newest change live. */
function unmetNeeds(state: EngineState, resource: ResourceState): readonly string[] {
  return resource.spec.needs
    .filter((need) => {
      const other = state.resources[need.name];
      if (!other) return false;
      if (!resource.hasSucceeded && !other.wasReady) return true;
      return (
        need.update === 'wait-fresh' &&
        other.enabled &&
        (isRunning(other) || other.asked !== null || other.live < other.seen)
      );
    })
    .map((need) => need.name);
}
