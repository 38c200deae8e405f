// Waiting between tries: growing, with jitter so that many watches do not come back in step, ended at once by `stop`.
import { limits } from '../../model/limits.ts';
import { backoff } from '../../operators/backoff.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';

/** Resolves after `ms`, or at once when one of `stops` is raised. Never keeps the process alive. */
export function pause(ms: number, ...stops: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (stops.some((stop) => stop.aborted)) return resolve();
    const done = () => {
      clearTimeout(timer);
      off();
      resolve();
    };
    const timer = setTimeout(done, ms).unref();
    const off = onAbort(stops, done);
  });
}

/** Growing pauses in ms, `maxMs` at most; `calm()` starts again from the first. */
export function growingPauses(maxMs: number = limits.feedRetryMaxMs) {
  let tries = 0;
  return {
    next: (): number => backoff(tries++, limits.feedRetryFirstMs, maxMs) * (0.8 + Math.random() * 0.4),
    calm(): void {
      tries = 0;
    },
  };
}
