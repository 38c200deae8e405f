// A table by name that is cheap to have anew with one entry replaced.

export type Order = readonly string[];
export type Table<T> = Readonly<Record<string, T>>;

/** So many names an object can have and still be copied as a whole by V8. */
export const plainTable = 128;

const places = new WeakMap<Order, ReadonlyMap<string, number>>();

/** Where each name stands in its order. */
export function placesOf(order: Order): ReadonlyMap<string, number> {
  const known = places.get(order);
  if (known) return known;
  const made = new Map(order.map((name, place) => [name, place]));
  places.set(order, made);
  return made;
}

/**
 * `list`, by the names of `order`: one for each. Of few it is an object like any other. V8 copies one of more than some
 * hundred names entry by entry, which at 2,000 takes longer than all else that is done about a fact; so a table of many is a
 * view of its list, which reads like an object and cannot be written to.
 */
export function tableOf<T>(order: Order, list: readonly T[]): Table<T> {
  if (list.length <= plainTable) return Object.fromEntries(order.map((name, place) => [name, list[place]])) as Table<T>;
  return new Proxy<Record<string, T>>({}, viewOf(placesOf(order), list));
}

function viewOf<T>(at: ReadonlyMap<string, number>, list: readonly T[]): ProxyHandler<Record<string, T>> {
  const entry = (key: string | symbol): T | undefined => {
    const place = typeof key === 'string' ? at.get(key) : undefined;
    return place === undefined ? undefined : list[place];
  };
  const isIn = (key: string | symbol): boolean => typeof key === 'string' && at.has(key);
  return {
    get: (target, key, receiver) => (isIn(key) ? entry(key) : Reflect.get(target, key, receiver)),
    has: (target, key) => isIn(key) || Reflect.has(target, key),
    ownKeys: () => [...at.keys()],
    getOwnPropertyDescriptor: (_, key) =>
      isIn(key) ? { value: entry(key), enumerable: true, configurable: true, writable: false } : undefined,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  };
}
