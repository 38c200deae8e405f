// config/*: new resources appear, changed ones ask for a run, removed ones are taken down; a broken edit changes nothing else.
import type { Config, ResourceSpec } from '../../model/config.ts';
import type { Action } from '../../model/fact.ts';
import type { EngineState, ImageState, Removal, ResourceState } from '../../model/state.ts';
import { ask, newResource } from '../resource.ts';

type Loaded = Extract<Action, { type: 'config/loaded' }>;
type Broken = Extract<Action, { type: 'config/broken' }>;

/** The last good configuration stays; only the problems change. */
export function configBroken(state: EngineState, fact: Broken): EngineState {
  return {
    ...state,
    config: {
      ...state.config,
      problems: fact.problems,
      // Watch what the broken file named as well as what the last good one did: the mend may be in either.
      reads: state.config.reads ? merged(state.config.reads, fact.reads) : fact.reads,
      loaded: fact.wanted,
    },
  };
}

const merged = (a: Config['reads'], b: Config['reads']): Config['reads'] => ({
  roots: [...new Set([...a.roots, ...b.roots])],
  filters: a.filters,
});

export function configLoaded(state: EngineState, fact: Loaded): EngineState {
  const { config } = fact;
  const wanted = wantedNames(config, state.options.only);
  const resources: Record<string, ResourceState> = {};
  for (const name of config.order) {
    const spec = config.resources[name];
    if (!spec) continue;
    const before = state.resources[name];
    resources[name] = before ? reloaded(before, spec, fact.at) : newResource(spec, fact.at, wanted.has(name));
  }
  return {
    ...state,
    phase: state.phase === 'starting' ? 'up' : state.phase,
    config: {
      current: config,
      problems: [],
      reads: config.reads,
      wanted: Math.max(state.config.wanted, fact.wanted),
      loaded: fact.wanted,
    },
    resources,
    order: config.order.filter((name) => name in resources),
    images: imagesOf(config, state),
    removals: removalsOf(state, config),
    // What is built before its files are watched could miss a save in between.
    files: { ...state.files, watching: false },
  };
}

/** An unchanged resource is left alone; what does not touch what runs (labels, links, ports) is taken over as it is. */
function reloaded(before: ResourceState, spec: ResourceSpec, at: number): ResourceState {
  const next = { ...before, spec, trigger: before.spec.trigger === spec.trigger ? before.trigger : spec.trigger };
  if (spec.digest === before.spec.digest) return next;
  const wasStarted = before.hasSucceeded || before.asked !== null || before.run !== null || before.last !== null;
  return wasStarted && before.enabled ? ask(next, 'config', 'configuration changed', at) : next;
}

/** The names given on the command line and all they need, in turn; all when none is given. */
export function wantedNames(config: Config, only: readonly string[]): ReadonlySet<string> {
  if (only.length === 0) return new Set(config.order);
  const wanted = new Set<string>();
  const add = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of config.resources[name]?.needs ?? []) add(need.name);
  };
  only.forEach(add);
  return wanted;
}

function imagesOf(config: Config, state: EngineState): Readonly<Record<string, ImageState>> {
  const images: Record<string, ImageState> = {};
  for (const ref of Object.keys(config.images))
    images[ref] = state.images[ref] ?? { last: null, files: {}, overflowed: false };
  return images;
}

/** Whatever a removed resource had deployed must go; one that came back before it went is no longer removed. */
function removalsOf(state: EngineState, config: Config): Readonly<Record<string, Removal>> {
  const removals: Record<string, Removal> = {};
  for (const [name, removal] of Object.entries(state.removals))
    if (!config.resources[name] || removal.because === 'disabled') removals[name] = removal;
  for (const [name, resource] of Object.entries(state.resources))
    if (!config.resources[name] && resource.deployed)
      removals[name] = { deployed: resource.deployed, because: 'removed' };
  return removals;
}
