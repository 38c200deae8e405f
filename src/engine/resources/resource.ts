// A resource's state when it is new, and the small steps every fold takes on it.
import type { ResourceSpec } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { ClusterEvent } from '../../model/pods/pod.ts';
import type { DeployState, LocalState, ServingState, UpdateState } from '../../model/resource-state.ts';
import type { Cause, FileChange } from '../../model/run.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { replaced } from './resource-list.ts';
import { idle } from './run.ts';

export type Runtime = Omit<ResourceState['runtime'], 'since'>;

/** Nothing runs. */
export const noRuntime: Runtime = {
  status: 'none',
  text: '',
  problem: null,
  stuck: false,
  mends: 'never',
  crashes: 0,
  isUnheard: false,
};

const noUpdate: UpdateState = {
  asked: null,
  hold: null,
  now: idle,
  cancels: 0,
  last: null,
  history: [],
  hasSucceeded: false,
  digest: null,
  retryAt: null,
  ahead: null,
  wantsRestart: false,
};

const noDeploy: DeployState = {
  result: null,
  at: 0,
  imagesAt: {},
  inconsistent: false,
  refilled: [],
  lost: [],
  restarting: false,
};

const noServer: ServingState = { serves: false, process: null, restarts: 0, restartAt: null, failures: 0 };

/** A resource nobody has built yet; it asks for its first run unless it starts only when told to. */
export function newResource(spec: ResourceSpec, at: number, enabled: boolean): ResourceState {
  const asked = spec.start && enabled ? { cause: 'first' as const, why: 'first start', at, force: false } : null;
  const ofAnyKind = {
    enabled,
    trigger: spec.trigger,
    used: { runs: 0, generations: 0 },
    changes: { pending: {}, pendingSince: null, seen: 0, contained: 0, given: 0, live: 0, behind: [] },
    update: { ...noUpdate, asked },
    runtime: { ...noRuntime, since: at },
    chain: 0,
    wasReady: false,
    logs: { lines: 0, bytes: 0 },
  };
  switch (spec.kind) {
    case 'local':
      return { ...ofAnyKind, kind: spec.kind, spec, server: noServer };
    case 'kubernetes':
      return { ...ofAnyKind, kind: spec.kind, spec, deploy: noDeploy, events: [], forwards: {} };
    case 'compose':
      return { ...ofAnyKind, kind: spec.kind, spec, deploy: noDeploy };
  }
}

/** What it has deployed, null of a local resource. */
export const deployOf = (resource: ResourceState): DeployState | null =>
  resource.kind === 'local' ? null : resource.deploy;

/** What it serves is another process from now on. */
export const withGeneration = (resource: LocalState): LocalState => ({
  ...resource,
  used: { ...resource.used, generations: resource.used.generations + 1 },
});

/** The same resource with something of its deploy changed; of a local one nothing. */
export const withDeploy = (resource: ResourceState, part: Partial<DeployState>): ResourceState =>
  resource.kind === 'local' ? resource : { ...resource, deploy: { ...resource.deploy, ...part } };

/** Of a local resource, null of any other. */
export const serverOf = (resource: ResourceState): ServingState | null =>
  resource.kind === 'local' ? resource.server : null;

/** The same resource with something of its server changed; none but a local one has any. */
export const withServer = (
  resource: ResourceState,
  change: (server: ServingState) => Partial<ServingState>,
): ResourceState =>
  resource.kind === 'local' ? { ...resource, server: { ...resource.server, ...change(resource.server) } } : resource;

/** What the cluster said of it: nothing where it is not there. */
export const eventsOf = (resource: ResourceState): readonly ClusterEvent[] =>
  resource.kind === 'kubernetes' ? resource.events : nothingSaid;

const nothingSaid: readonly ClusterEvent[] = [];

/** State with one resource changed; unknown names change nothing (a late fact of something removed). */
export function withResource(
  state: EngineState,
  name: string,
  change: (resource: ResourceState) => ResourceState,
): EngineState {
  // Names come from labels and requests too: `constructor` is no resource.
  const resource = Object.hasOwn(state.resources, name) ? lookup(state.resources, name) : undefined;
  if (!resource) return state;
  const changed = change(resource);
  return changed === resource ? state : replaced(state, [changed]);
}

/** What a run for this cause does includes what one for a weaker cause does. */
const strength: Readonly<Record<Cause, number>> = {
  files: 0,
  crash: 1,
  needs: 2,
  restart: 2,
  trigger: 3,
  config: 4,
  first: 5,
};

/** Asks for a run; an earlier wish is kept if it was stronger (a forced one stays forced). */
export function ask(resource: ResourceState, cause: Cause, why: string, at: number, force = false): ResourceState {
  const before = resource.update.asked;
  const isWeaker = before !== null && strength[before.cause] > strength[cause];
  return {
    ...resource,
    update: {
      ...resource.update,
      asked: {
        ...(isWeaker ? { cause: before.cause, why: before.why } : { cause, why }),
        at: before?.at ?? at,
        force: force || (before?.force ?? false),
      },
    },
  };
}

/** Adds changed paths, newest change of each; beyond limits.pendingPaths only what is there already is kept up to date. */
export function addFiles(
  files: Readonly<Record<string, FileChange>>,
  changes: readonly FileChange[],
): { readonly files: Readonly<Record<string, FileChange>>; readonly overflowed: boolean } {
  const all: Record<string, FileChange> = { ...files };
  let room = limits.pendingPaths - Object.keys(all).length;
  let overflowed = false;
  for (const change of changes) {
    const before = lookup(all, change.path);
    if (!before && room-- <= 0) overflowed = true;
    else all[change.path] = before ? andBefore(change, before) : change;
  }
  return { files: all, overflowed };
}

/** The newer change of a path, with what an older one that is not brought in yet did to it. */
function andBefore(change: FileChange, { remoded, retyped }: FileChange): FileChange {
  if (!remoded && !retyped) return change;
  return { ...change, ...(remoded ? { remoded } : {}), ...(retyped ? { retyped } : {}) };
}

/** Changes not live with a newer one; beyond limits.changesBehind those between the oldest and the newest go. */
export const withBehind = (behind: readonly number[], change: number): readonly number[] => [
  ...behind.slice(0, limits.changesBehind - 1),
  change,
];

/** Files not contained in change `upTo`. */
export function after(files: Readonly<Record<string, FileChange>>, upTo: number): Readonly<Record<string, FileChange>> {
  const kept = Object.values(files).filter((file) => file.change > upTo);
  if (kept.length === Object.keys(files).length) return files;
  return Object.fromEntries(kept.map((file) => [file.path, file]));
}

/** Newest change among files, 0 for none. */
export const newest = (files: Readonly<Record<string, FileChange>>): number =>
  Object.values(files).reduce((most, file) => Math.max(most, file.change), 0);
