// Waiting for what goes on by itself, no longer than somebody wants it.

/** What `work` comes to; rejects with the signal's reason once `stop` is raised. The work itself goes on, with others who wait for it. */
export function unlessAborted<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(stop.reason);
    if (stop.aborted) give();
    else stop.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', give));
  });
}
