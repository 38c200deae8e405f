// Which workload each object belongs to: the only one that uses it. What several share belongs to none of them.
import type { KubeObject } from '../config.ts';
import { objectName } from './identity.ts';
import { backends, concerns, mayConcern, references, selects } from './references.ts';
import { record } from './workload.ts';

export interface Owner {
  readonly name: string;
  readonly object: KubeObject;
}

/** Names of owners, the owners themselves included. `namespace` stands in where an object names none. */
export function ownersOf(
  objects: readonly KubeObject[],
  owners: readonly Owner[],
  namespace: string | null,
): ReadonlyMap<KubeObject, string> {
  const owned = new Map<KubeObject, string>(owners.map(({ object, name }) => [object, name]));
  const spaceOf = ({ metadata }: KubeObject): string | null => metadata.namespace ?? namespace;
  const services = new Map<string, string>();
  for (const service of objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1')) {
    const owner = owners.find(
      (each) =>
        spaceOf(each.object) === spaceOf(service) && selects(record(record(service.spec).selector), each.object),
    );
    if (!owner) continue;
    owned.set(service, owner.name);
    services.set(`${spaceOf(service)}/${service.metadata.name}`, owner.name);
  }
  const users = usersOf(owners, spaceOf);
  for (const object of objects) {
    if (owned.has(object)) continue;
    const space = spaceOf(object);
    const [only, ...others] = new Set(
      object.kind === 'Ingress'
        ? backends(object).map((name) => services.get(`${space}/${name}`) ?? null)
        : users(object),
    );
    if (only && others.length === 0) owned.set(object, only);
  }
  return owned;
}

/** Names of those that use an object, by a look at what they name: each would be asked about each object. */
function usersOf(
  owners: readonly Owner[],
  spaceOf: (object: KubeObject) => string | null,
): (object: KubeObject) => readonly string[] {
  const byName = new Map<string, string[]>();
  for (const { name, object } of owners)
    for (const used of references(object)) {
      const key = `${spaceOf(object)}/${used}`;
      const known = byName.get(key);
      if (known) known.push(name);
      else byName.set(key, [name]);
    }
  return (object) => {
    const named = byName.get(`${spaceOf(object)}/${objectName(object)}`) ?? [];
    if (!mayConcern(object)) return named;
    const near = owners.filter((owner) => spaceOf(owner.object) === spaceOf(object) && concerns(object, owner.object));
    return [...named, ...near.map(({ name }) => name)];
  };
}
