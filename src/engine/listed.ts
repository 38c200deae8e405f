// A table of resources in their order, listed once: who looks at all of them at every turn does not look each up by name, and
// a table with one of them replaced takes the list of the one before along.
import { lookup } from '../model/lookup.ts';
import type { EngineState, ResourceState } from '../model/state.ts';

type Order = readonly string[];
type Table<T> = Readonly<Record<string, T>>;

const lists = new WeakMap<Table<unknown>, { readonly order: Order; readonly list: readonly unknown[] }>();
const places = new WeakMap<Order, ReadonlyMap<string, number>>();

/** What is in `resources`, in the order of `order`. */
export function listed<T>({ resources, order }: { readonly resources: Table<T>; readonly order: Order }): readonly T[] {
  const known = lists.get(resources);
  if (known?.order === order) return known.list as readonly T[];
  const list: T[] = [];
  for (const name of order) {
    const resource = lookup(resources, name);
    if (resource !== undefined) list.push(resource);
  }
  lists.set(resources, { order, list });
  return list;
}

/** The same state with these resources in the place of those of the same names; all of them are there already. */
export function replaced(state: EngineState, changed: readonly ResourceState[]): EngineState {
  if (changed.length === 0) return state;
  const { order } = state;
  const at = placesOf(order);
  const list = [...listed(state)];
  const resources: Record<string, ResourceState> = { ...state.resources };
  for (const resource of changed) {
    const { name } = resource.spec;
    resources[name] = resource;
    const place = at.get(name);
    if (place !== undefined) list[place] = resource;
  }
  if (list.length === order.length) lists.set(resources, { order, list });
  return { ...state, resources };
}

/** For who has made both. */
export const remember = <T>(resources: Table<T>, order: Order, list: readonly T[]): void =>
  void lists.set(resources, { order, list });

function placesOf(order: Order): ReadonlyMap<string, number> {
  const known = places.get(order);
  if (known) return known;
  const made = new Map(order.map((name, place) => [name, place]));
  places.set(order, made);
  return made;
}
