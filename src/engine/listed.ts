// The resources of a state in their order, listed once: who looks at all of them at every turn does not look each up by name.
import { lookup } from '../model/lookup.ts';
import type { EngineState, ResourceState } from '../model/state.ts';

type Known = { readonly order: EngineState['order']; readonly list: readonly ResourceState[] };

const known = new WeakMap<EngineState['resources'], Known>();

export function listed({ resources, order }: Pick<EngineState, 'resources' | 'order'>): readonly ResourceState[] {
  const before = known.get(resources);
  if (before?.order === order) return before.list;
  const list: ResourceState[] = [];
  for (const name of order) {
    const resource = lookup(resources, name);
    if (resource) list.push(resource);
  }
  known.set(resources, { order, list });
  return list;
}
