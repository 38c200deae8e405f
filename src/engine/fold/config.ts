// config/*: new resources appear, changed ones ask for a run, removed ones are taken down; a broken edit changes nothing else.
import { composeNamespace } from '../../model/compose/names.ts';
import type { Config, KubeSpec, ResourceSpec } from '../../model/config.ts';
import type { Action } from '../../model/fact.ts';
import { hostPort } from '../../model/hosts/address.ts';
import type { EngineState, ImageState, KubernetesState, Removal, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { namespaceOf, withGuard } from '../reach.ts';
import { chainsOf } from '../resources/chain.ts';
import { ask, newResource, withBehind } from '../resources/resource.ts';
import { wasStarted } from '../resources/want.ts';
import { removalOf, withoutClaimed } from './removals.ts';

type Loaded = Extract<Action, { type: 'config/loaded' }>;
type Broken = Extract<Action, { type: 'config/broken' }>;

export const configFact = (state: EngineState, fact: Loaded | Broken): EngineState =>
  fact.type === 'config/loaded' ? withGuard(configLoaded(state, fact)) : configBroken(state, fact);

/** The last good configuration stays; only the problems change. */
export function configBroken(state: EngineState, fact: Broken): EngineState {
  return {
    ...state,
    config: {
      ...state.config,
      problems: fact.problems,
      reads: fact.reads,
      loaded: fact.wanted,
    },
  };
}

function configLoaded(state: EngineState, fact: Loaded): EngineState {
  const { config } = fact;
  const wanted = wantedNames(config, state.options.only);
  const chains = chainsOf(config, state.options.took ?? {});
  const resources: Record<string, ResourceState> = {};
  for (const name of config.order) {
    const spec = lookup(config.resources, name);
    if (!spec) continue;
    const before = lookup(state.resources, name);
    const isNew = before?.spec.kind !== spec.kind;
    const made = isNew ? newResource(spec, fact.at, wanted.has(name)) : reloaded(state, before, spec, fact.at);
    // Run ids and generations are never used twice, also where the kind is another.
    const next = isNew ? { ...made, used: before?.used ?? made.used } : withoutClaimed(state, made, config);
    resources[name] = { ...next, chain: chains.get(name) ?? 0 };
  }
  return {
    ...withoutForeignPods(state, config),
    phase: state.phase === 'starting' ? 'up' : state.phase,
    config: {
      current: config,
      problems: [],
      reads: config.reads,
      wanted: Math.max(state.config.wanted, fact.wanted),
      loaded: fact.wanted,
      changed: state.config.wanted > fact.wanted ? state.config.changed : null,
    },
    resources,
    order: config.order.filter((name) => Object.hasOwn(resources, name)),
    images: imagesOf(config, state),
    removals: removalsOf(state, config),
    // What is built before its files are watched could miss a save in between.
    files: { ...state.files, watching: false },
  };
}

/**
 * An unchanged resource is left alone; what does not touch what runs (labels, links, ports) is taken over as it is. A changed
 * one is behind until the change that brought it runs there.
 */
function reloaded(state: EngineState, before: ResourceState, spec: ResourceSpec, at: number): ResourceState {
  const trigger = before.spec.trigger === spec.trigger ? before.trigger : spec.trigger;
  const next = { ...withSpec(before, spec), trigger };
  const isStarted = before.update.hasSucceeded || (wasStarted(before) && before.enabled);
  if (spec.digest === before.spec.digest || !isStarted) return next;
  const seen = Math.max(before.changes.seen, state.changes.seen);
  const change = state.config.changed ?? seen;
  const behind =
    before.changes.live < seen && !before.changes.behind.includes(change)
      ? withBehind(before.changes.behind, change)
      : before.changes.behind;
  const changed = { ...next, changes: { ...next.changes, seen, behind: behind.toSorted((a, b) => a - b) } };
  return changed.trigger === 'auto' ? ask(changed, 'config', 'configuration changed', at) : changed;
}

/** Of the same kind. */
function withSpec(before: ResourceState, spec: ResourceSpec): ResourceState {
  if (before.kind === 'local' && spec.kind === 'local') return { ...before, spec };
  if (before.kind === 'compose' && spec.kind === 'compose') return { ...before, spec };
  if (before.kind === 'kubernetes' && spec.kind === 'kubernetes')
    return { ...before, spec, forwards: forwardsKept(before, spec) };
  throw new Error(`${spec.name} is of another kind than before`);
}

/** Of ports that are no longer forwarded nothing is shown. */
function forwardsKept({ forwards }: KubernetesState, { ports }: KubeSpec): KubernetesState['forwards'] {
  const kept = Object.entries(forwards).filter(([local]) =>
    ports.some(({ host, local: port }) => hostPort(host, port) === local),
  );
  return kept.length === Object.keys(forwards).length ? forwards : Object.fromEntries(kept);
}

/** Pods, services and workloads of namespaces that are no longer watched: nobody would say when they are gone. */
function withoutForeignPods(state: EngineState, config: Config): EngineState {
  const usual = namespaceOf({ ...state, config: { ...state.config, current: config } });
  const watched = new Set([usual]);
  for (const spec of Object.values(config.resources))
    if (spec.kind === 'kubernetes')
      for (const { object } of spec.objects) watched.add(object.metadata.namespace ?? usual);
  for (const spec of Object.values(config.resources))
    if (spec.kind === 'compose') watched.add(composeNamespace(spec.compose.name));
  const kept = <T extends { readonly namespace: string }>(all: Readonly<Record<string, T>>) =>
    Object.values(all).every(({ namespace }) => watched.has(namespace))
      ? all
      : Object.fromEntries(Object.entries(all).filter(([, { namespace }]) => watched.has(namespace)));
  return {
    ...state,
    pods: kept(state.pods),
    services: kept(state.services),
    workloads: kept(state.workloads),
    endpoints: kept(state.endpoints),
  };
}

/**
 * The names given on the command line, all they need in turn, and what everything in the cluster stands on: objects that
 * belong to no workload (namespaces, shared settings) are nobody's need because they are everybody's. All when none is given.
 */
export function wantedNames(config: Config, only: readonly string[]): ReadonlySet<string> {
  if (only.length === 0) return new Set(config.order);
  const wanted = new Set<string>();
  const add = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of lookup(config.resources, name)?.needs ?? []) add(need.name);
  };
  only.forEach(add);
  const isDeployed = [...wanted].some((name) => lookup(config.resources, name)?.kind === 'kubernetes');
  if (isDeployed && config.resources.uncategorized) add('uncategorized');
  return wanted;
}

function imagesOf(config: Config, state: EngineState): Readonly<Record<string, ImageState>> {
  const images: Record<string, ImageState> = {};
  for (const ref of Object.keys(config.images))
    images[ref] = lookup(state.images, ref) ?? { last: null, files: {}, lost: 0 };
  return images;
}

/** Whatever a removed resource has in the cluster must go. One that comes back meanwhile waits: half of it may be gone. */
function removalsOf(state: EngineState, config: Config): Readonly<Record<string, Removal>> {
  const removals: Record<string, Removal> = { ...state.removals };
  for (const [name, resource] of Object.entries(state.resources)) {
    if (lookup(config.resources, name)?.kind === resource.spec.kind) continue;
    const removal = removalOf(state, resource, 'removed', config);
    if (removal) removals[name] = removal;
  }
  return removals;
}
