// Runs one feed on states that a test brings about, and keeps the facts it tells.
import { BehaviorSubject } from 'rxjs';
import { onTestFinished } from 'vitest';
import type { Feed } from '../../src/engine/engine.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { EngineState } from '../../src/model/state.ts';

export interface Fed {
  readonly facts: Fact[];
  /** The newest facts since the last call. */
  news(): readonly Fact[];
  next(state: EngineState): void;
  /** The session is over: no more states. */
  complete(): void;
  readonly isComplete: boolean;
  readonly error: unknown;
}

/** Dropped when the test ends. `react` sees each fact, as the reducer would. */
export function feed<P>(it: Feed<P>, ports: P, first: EngineState, react: (fact: Fact) => void = () => {}): Fed {
  const state$ = new BehaviorSubject(first);
  const facts: Fact[] = [];
  let read = 0;
  let isComplete = false;
  let error: unknown = null;
  const running = it.run(state$, ports).subscribe({
    next: (fact) => {
      facts.push(fact);
      react(fact);
    },
    error: (thrown) => {
      error = thrown;
    },
    complete: () => {
      isComplete = true;
    },
  });
  onTestFinished(() => running.unsubscribe());
  return {
    facts,
    news: () => {
      const newest = facts.slice(read);
      read = facts.length;
      return newest;
    },
    next: (state) => state$.next(state),
    complete: () => state$.complete(),
    get isComplete() {
      return isComplete;
    },
    get error() {
      return error;
    },
  };
}

/** Promises that are due are over: nothing here waits for time. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
