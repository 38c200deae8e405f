// Services of one project start side by side and want the same things: each is asked for or made once, and the others wait for it.

const underWay = new WeakMap<object, Map<string, Promise<unknown>>>();

/** What `key` stands for on `engine`, got by whoever asks first; asked for again after it was there, it is got again. */
export function once<T>(engine: object, key: string, get: () => Promise<T>): Promise<T> {
  const all = underWay.get(engine) ?? new Map<string, Promise<unknown>>();
  underWay.set(engine, all);
  const mine = (all.get(key) as Promise<T> | undefined) ?? get().finally(() => all.delete(key));
  all.set(key, mine);
  return mine;
}
