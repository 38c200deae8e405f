// Waiting between tries: growing, with jitter so that many watches do not come back in step, ended at once by `stop`.
import { limits } from '../../model/limits.ts';

/** Resolves after `ms`, or at once when `stop` is raised. Never keeps the process alive. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms).unref();
    stop.addEventListener('abort', done);
  });
}

/** Growing pauses in ms; `calm()` starts again from the first. */
export function growingPauses() {
  let next: number = limits.feedRetryFirstMs;
  return {
    next(): number {
      const base = next;
      next = Math.min(next * 2, limits.feedRetryMaxMs);
      return base * (0.8 + Math.random() * 0.4);
    },
    calm(): void {
      next = limits.feedRetryFirstMs;
    },
  };
}
