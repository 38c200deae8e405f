// Waiting for what goes on by itself, no longer than somebody wants it.
import { onAbort } from './on-abort.ts';

/** What `work` comes to; rejects with the signal's reason once `stop` is raised. The work itself goes on, with others who wait for it. */
export function unlessAborted<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const off = onAbort(stop, () => reject(stop.reason));
    work.then(resolve, reject).finally(off);
  });
}
