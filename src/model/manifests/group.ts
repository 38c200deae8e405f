// Objects put together into resources: a workload with all that belongs to it alone.
import type { KubeObject, KubeSpec, ManifestObject } from '../config.ts';
import { objectName } from './identity.ts';
import { type Owner, ownersOf } from './owners.ts';
import { isLasting, workloadOf } from './replicas.ts';
import { podTemplate } from './workload.ts';

export interface Group {
  readonly name: string;
  readonly objects: readonly ManifestObject[];
  readonly workload: KubeSpec['workload'];
}

/** `resources.<resource>.objects`, each `kind/name`. */
export interface Claim {
  readonly resource: string;
  readonly objects: readonly string[];
}

export interface Grouping {
  /** `uncategorized` first, then what claims made of their own, then workloads as written. */
  readonly groups: readonly Group[];
  /** Claimed objects that no manifest has. */
  readonly missing: readonly { readonly resource: string; readonly object: string }[];
}

/** `namespace` stands in where an object names none. */
export function group(given: readonly ManifestObject[], claims: readonly Claim[], namespace: string | null): Grouping {
  const claimed = new Map(claims.flatMap((claim) => claim.objects.map((name) => [name.toLowerCase(), claim.resource])));
  const objects = given.map(({ object }) => object);
  const owners = ownersAmong(objects, claimed, namespace);
  const owned = ownersOf(objects, owners, namespace);
  const members = new Map<string, ManifestObject[]>([[uncategorized, []]]);
  // Named in this order, so that the groups come in it.
  const bare = claims.map(({ resource }) => resource).filter((name) => !owners.some((owner) => owner.name === name));
  for (const name of [...bare, ...owners.map((owner) => owner.name)]) members.set(name, []);
  for (const each of given) {
    const name = claimed.get(objectName(each.object)) ?? owned.get(each.object) ?? uncategorized;
    members.get(name)?.push(each);
  }
  const groups = [...members].filter(([, inside]) => inside.length > 0).map(([name, inside]) => grouped(name, inside));
  return { groups, missing: missingOf(claims, objects) };
}

const uncategorized = 'uncategorized';

/** Workloads with the name of their resource: a claim's, else one made of their own name. */
function ownersAmong(objects: readonly KubeObject[], claimed: ReadonlyMap<string, string>, namespace: string | null) {
  const workloads = objects.filter((object) => podTemplate(object));
  const taken = workloads.flatMap((object) => {
    const name = claimed.get(objectName(object));
    return name === undefined ? [] : [{ object, name }];
  });
  const free = workloads.filter((object) => !claimed.has(objectName(object)));
  const owners = new Map([...taken, ...named(free, namespace)].map((owner) => [owner.object, owner]));
  return workloads.flatMap((object) => owners.get(object) ?? []);
}

/** Objects that are a resource together, whatever they say about each other. */
export function grouped(name: string, objects: readonly ManifestObject[]): Group {
  const all = objects.map(({ object }) => object);
  const workloads = all.filter(podTemplate).flatMap((object) => workloadOf(object, all) ?? []);
  return { name, objects, workload: workloads.find(isLasting) ?? workloads[0] ?? null };
}

function missingOf(claims: readonly Claim[], objects: readonly KubeObject[]): Grouping['missing'] {
  const known = new Set(objects.map(objectName));
  return claims.flatMap(({ resource, objects }) =>
    objects.filter((object) => !known.has(object.toLowerCase())).map((object) => ({ resource, object })),
  );
}

/** A workload's name; of several with the same one, each also bears its kind, or else its namespace. */
function named(workloads: readonly KubeObject[], namespace: string | null): readonly Owner[] {
  const forms: readonly ((object: KubeObject) => string)[] = [
    ({ metadata }) => metadata.name,
    ({ kind, metadata }) => `${metadata.name}:${kind.toLowerCase()}`,
    ({ metadata }) => `${metadata.name}:${metadata.namespace ?? namespace ?? 'default'}`,
    ({ kind, metadata }) => `${metadata.name}:${kind.toLowerCase()}:${metadata.namespace ?? namespace ?? 'default'}`,
  ];
  const counts = forms.map((form) => countBy(workloads.map(form)));
  return workloads.map((object) => {
    const form = forms.find((form, i) => counts[i]?.get(form(object)) === 1) ?? forms.at(-1)!;
    return { object, name: form(object) };
  });
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
