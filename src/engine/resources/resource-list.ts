// A table of resources in their order, listed once: who looks at all of them at every turn does not look each up by name, and
// a table with one of them replaced takes the list of the one before along.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { type Order, placesOf, type Table, tableOf } from './table.ts';

export interface Listing<T> {
  readonly resources: Table<T>;
  readonly order: Order;
}

interface Known {
  readonly order: Order;
  readonly list: readonly unknown[];
}

const lists = new WeakMap<Table<unknown>, Known>();

/** What is in `resources`, in the order of `order`. */
export function listed<T>({ resources, order }: Listing<T>): readonly T[] {
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

/** The table of `list` by the names of `order`, of which each is one. */
export function listing<T>(order: Order, list: readonly T[]): Table<T> {
  const table = tableOf(order, list);
  lists.set(table, { order, list });
  return table;
}

/** The same state with these resources in the place of those of the same names; all of them are there already. */
export function replaced(state: EngineState, changed: readonly ResourceState[]): EngineState {
  if (changed.length === 0) return state;
  const { order } = state;
  const before = listed(state);
  const at = placesOf(order);
  if (before.length !== order.length || changed.some(({ spec }) => !at.has(spec.name))) return unlisted(state, changed);
  const list = [...before];
  for (const resource of changed) list[at.get(resource.spec.name) as number] = resource;
  return { ...state, resources: listing(order, list) };
}

const unlisted = (state: EngineState, changed: readonly ResourceState[]): EngineState => ({
  ...state,
  resources: { ...state.resources, ...Object.fromEntries(changed.map((resource) => [resource.spec.name, resource])) },
});

/** Names of what differs between two tables, null where that is not known without comparing all of both. */
export function namesChanged(before: object, after: object): Order | null {
  const [was, is] = [lists.get(before as Table<unknown>), lists.get(after as Table<unknown>)];
  if (!was || was.order !== is?.order || was.list.length !== was.order.length) return null;
  return placesChanged(was.list, is.list).map((place) => was.order[place] as string);
}

/** Some dozens ask of one turn about the same two lists: the last answer is kept. */
let last: { before: readonly unknown[]; after: readonly unknown[]; changed: readonly number[] } | null = null;

/** Where two lists differ; what one of them has beyond the end of the other included. */
export function placesChanged(before: readonly unknown[], after: readonly unknown[]): readonly number[] {
  if (last?.before === before && last.after === after) return last.changed;
  const changed: number[] = [];
  const most = Math.max(before.length, after.length);
  for (let place = 0; place < most; place++) if (before[place] !== after[place]) changed.push(place);
  last = { before, after, changed };
  return changed;
}
