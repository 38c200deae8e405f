// Paths on their way to the main thread: one message at a time, each path once, so that a blocked main loop finds one
// batch and not a million messages.
export interface Outbox {
  add(path: string): void;
  /** The last batch was taken. */
  taken(): void;
  /** Everything now, whether the last batch was taken or not. */
  empty(): void;
}

export function createOutbox(send: (paths: string[]) => void): Outbox {
  const paths = new Set<string>();
  let isFree = true;
  let isDue = false;
  const empty = () => {
    if (paths.size === 0) return;
    isFree = false;
    send([...paths]);
    paths.clear();
  };
  const soon = () => {
    if (isDue) return;
    isDue = true;
    // After the events of this turn: a burst is one batch.
    setImmediate(() => {
      isDue = false;
      if (isFree) empty();
    });
  };
  return {
    add: (path) => {
      paths.add(path);
      soon();
    },
    taken: () => {
      isFree = true;
      if (paths.size > 0) soon();
    },
    empty,
  };
}
