// Ctrl-C once: finish what must not be cut, stop the rest. Twice, or when draining takes too long: drop everything.
import { Subject } from 'rxjs';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';

const watched: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface Interruption {
  /** The first signal, null while there was none. */
  signal(): NodeJS.Signals | null;
  /** Drop at once. */
  readonly dropped$: Subject<void>;
}

export function signals(put: (fact: Fact) => void): Interruption {
  let first: NodeJS.Signals | null = null;
  const dropped$ = new Subject<void>();
  const heard = (signal: NodeJS.Signals): void => {
    if (first !== null) {
      dropped$.next();
      return;
    }
    first = signal;
    put({ type: 'session/stop-asked', reason: signal, exitCode: 130 });
    setTimeout(() => dropped$.next(), limits.drainMs + limits.killGraceMs).unref();
  };
  for (const signal of watched) process.on(signal, heard);
  return { signal: () => first, dropped$ };
}
