// What must not overlap: each begins when the one before it is over.

/** Runs what it is given one after the other. Each caller gets its own result, or its own error; that stops nobody else. */
export function serially(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(act: () => Promise<T>): Promise<T> => {
    const mine = last.then(act);
    last = mine.catch(() => {});
    return mine;
  };
}
