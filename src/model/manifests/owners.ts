// Which workload each object belongs to: the only one that uses it. What several share belongs to none of them.
import type { KubeObject } from '../config.ts';
import { objectName } from './identity.ts';
import { backends, concerns, references, selects } from './references.ts';
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
  const used = owners.map((owner) => ({ owner, names: references(owner.object), space: spaceOf(owner.object) }));
  for (const object of objects) {
    if (owned.has(object)) continue;
    const space = spaceOf(object);
    const near = used.filter((each) => each.space === space);
    const users =
      object.kind === 'Ingress'
        ? backends(object).map((name) => services.get(`${space}/${name}`) ?? null)
        : near
            .filter(({ owner, names }) => names.has(objectName(object)) || concerns(object, owner.object))
            .map(({ owner }) => owner.name);
    const [only, ...others] = new Set(users);
    if (only && others.length === 0) owned.set(object, only);
  }
  return owned;
}
