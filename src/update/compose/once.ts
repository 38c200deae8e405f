// Services of one project start side by side and want the same things: each is made once, and the others wait for it.

const making = new WeakMap<object, Map<string, Promise<void>>>();

/** What `key` stands for on `engine`, made by whoever asks first; asked for again after it was made, it is made again. */
export function once(engine: object, key: string, make: () => Promise<void>): Promise<void> {
  const all = making.get(engine) ?? new Map<string, Promise<void>>();
  making.set(engine, all);
  const mine = all.get(key) ?? make().finally(() => all.delete(key));
  all.set(key, mine);
  return mine;
}
