// Ctrl-C once: finish what must not be cut, stop the rest. Twice, or Ctrl-\ once: drop everything, whatever hangs.
import { Subject } from 'rxjs';
import type { Fact } from '../model/fact.ts';

const watched: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface Interruption {
  /** The first signal, null while there was none. */
  signal(): NodeJS.Signals | null;
  /** Aborted by the first signal. */
  readonly asked: AbortSignal;
  /** Drop at once. */
  readonly dropped$: Subject<void>;
  readonly isDropped: boolean;
  /** Signals do again what they do without a session. */
  close(): void;
}

export function signals(put: (fact: Fact) => void): Interruption {
  let first: NodeJS.Signals | null = null;
  let isDropped = false;
  const asked = new AbortController();
  const dropped$ = new Subject<void>();
  const heard = (signal: NodeJS.Signals): void => {
    if (first !== null) {
      isDropped = true;
      dropped$.next();
      return;
    }
    first = signal;
    asked.abort();
    put({ type: 'session/stop-asked', reason: signal, exitCode: 130 });
  };
  const quit = (): void => {
    if (first === null) heard('SIGQUIT');
    heard('SIGQUIT');
  };
  for (const signal of watched) process.on(signal, heard);
  process.on('SIGQUIT', quit);
  return {
    signal: () => first,
    asked: asked.signal,
    dropped$,
    get isDropped() {
      return isDropped;
    },
    close: () => {
      for (const signal of watched) process.off(signal, heard);
      process.off('SIGQUIT', quit);
    },
  };
}
