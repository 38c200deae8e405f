// Hooks of a release as resources of their own: those before it are needed by all of it, those after it need all of it.
import type { LeftOut, ManifestObject, Need, ObjectRef, Release } from '../../model/config.ts';
import { releaseAnnotation } from '../../model/labels.ts';
import { byTurn, type Group, grouped, type Hook, hookOf, isRunner, objectRef } from '../../model/manifests.ts';
import { digestOf } from '../digest.ts';

type When = 'before' | 'after';
type HookObject = ManifestObject & { readonly hook: Hook };

export interface Hooks {
  /** What is no hook. */
  readonly objects: readonly ManifestObject[];
  readonly leftOut: readonly LeftOut[];
  readonly turns: readonly Turn[];
}

/** Hooks that run together: one that runs something, with those before it that only have to be there. */
export interface Turn {
  readonly release: Release & { readonly hook: NonNullable<Release['hook']> };
  readonly objects: readonly ManifestObject[];
}

export function hooksAmong(all: readonly ManifestObject[]): Hooks {
  const hooks = all.flatMap((each): HookObject[] => {
    const hook = hookOf(each.object);
    return hook ? [{ ...each, hook }] : [];
  });
  const isHook = new Set(hooks.map(({ object }) => object));
  const objects = all.filter(({ object }) => !isHook.has(object));
  const turns = [...new Set(hooks.map(({ release }) => release))].flatMap((release) => {
    const mine = hooks.filter((each) => each.release === release);
    const rest = objects.filter((each) => each.release === release);
    return (['before', 'after'] as const).flatMap((when) => turnsOf(mine, rest, when));
  });
  const leftOut = hooks
    .filter(({ hook }) => hook.before.length + hook.after.length === 0)
    .map(({ object, hook }) => ({ kind: object.kind, name: object.metadata.name, hook: hook.named }));
  return { objects, leftOut, turns };
}

function turnsOf(hooks: readonly HookObject[], rest: readonly ManifestObject[], when: When): Turn[] {
  const refs = rest.map(({ object }) => objectRef(object));
  const state = digestOf(rest.map(({ object }) => object));
  const turns: HookObject[][] = [];
  let open: HookObject[] = [];
  for (const each of hooks.filter(({ hook }) => hook[when].length > 0).toSorted(byTurn)) {
    if (open[0] && open[0].hook[when].join() !== each.hook[when].join()) open = [];
    if (open.length === 0) turns.push(open);
    open.push(each);
    if (isRunner(each.object)) open = [];
  }
  return turns.map((turn) => ({
    release: releaseOf(turn, refs, when),
    objects: turn.map((each) => marked(each, state)),
  }));
}

const releaseOf = ([first]: readonly HookObject[], objects: readonly ObjectRef[], when: When): Turn['release'] => ({
  name: first?.release ?? '',
  objects,
  hook: { when, moments: first?.hook[when] ?? [] },
});

/** What runs at an upgrade runs again when anything of its release is another. */
function marked({ hook, ...each }: HookObject, state: string): ManifestObject {
  if (![...hook.before, ...hook.after].includes('upgrade') || !isRunner(each.object)) return each;
  const { metadata } = each.object;
  const annotations = { ...metadata.annotations, [releaseAnnotation]: state };
  return { ...each, object: { ...each.object, metadata: { ...metadata, annotations } } };
}

export interface Part extends Group {
  readonly release?: Release;
}

/** Groups of the manifests and of hooks, each with the release it belongs to where that has hooks. */
export function withHooks(groups: readonly Group[], turns: readonly Turn[]): readonly Part[] {
  const parts: Part[] = withoutEarly(groups, turns).map((each) => partOf(each, turns));
  const taken = new Set(parts.map(({ name }) => name));
  for (const { release, objects } of turns) {
    const name = freeName(objects.at(-1)?.object.metadata.name ?? release.name, release.hook.when, taken);
    taken.add(name);
    parts.push({ ...grouped(name, objects), release });
  }
  return parts;
}

function partOf(part: Group, turns: readonly Turn[]): Part {
  const names = new Set(part.objects.map(({ release }) => release ?? ''));
  const release = turns.find((turn) => names.has(turn.release.name))?.release;
  return release ? { ...part, release: { ...release, hook: null } } : part;
}

/**
 * What belongs to no workload is applied first of all. Of a release with hooks before it that is too early: it becomes a part
 * of its own. Namespaces and definitions stay, hooks stand on them as well.
 */
function withoutEarly(groups: readonly Group[], turns: readonly Turn[]): readonly Group[] {
  const early = new Set(turns.flatMap(({ release }) => (release.hook.when === 'before' ? [release.name] : [])));
  const isLate = ({ object, release }: ManifestObject): boolean =>
    release !== undefined && early.has(release) && !/^(Namespace|CustomResourceDefinition)$/.test(object.kind);
  return groups.flatMap((each) => {
    if (each.name !== 'uncategorized' || !each.objects.some(isLate)) return [each];
    const kept = each.objects.filter((object) => !isLate(object));
    const late = [...early].map((release) => ({
      ...each,
      name: `uncategorized:${release}`,
      objects: each.objects.filter((object) => isLate(object) && object.release === release),
    }));
    return [{ ...each, objects: kept }, ...late].filter(({ objects }) => objects.length > 0);
  });
}

function freeName(name: string, when: When, taken: ReadonlySet<string>): string {
  const forms = [name, `${name}:${when === 'before' ? 'pre' : 'post'}`];
  for (let i = 2; ; i++) {
    const free = forms.find((each) => !taken.has(each));
    if (free !== undefined) return free;
    forms.push(`${name}:hook-${i}`);
  }
}

/** What a part waits for because of the hooks of its release. */
export function needsOfHooks({ name, release }: Part, parts: readonly Part[]): readonly Need[] {
  if (!release) return [];
  const same = parts.filter((each) => each.release?.name === release.name);
  const turns = (when: When) => same.filter((each) => each.release?.hook?.when === when).map((each) => each.name);
  const last = (names: readonly string[], hook: When): Need[] =>
    names.slice(-1).map((each) => ({ name: each, update: 'order', hook }));
  const when = release.hook?.when;
  const earlier = when ? turns(when).slice(0, turns(when).indexOf(name)) : turns('before');
  if (when !== 'after' || earlier.length > 0) return last(earlier, 'before');
  const rest = same.filter((each) => each.release?.hook === null && each.name !== 'uncategorized');
  return rest.map((each) => ({ name: each.name, update: 'order', hook: 'after' }));
}
