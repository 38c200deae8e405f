// What one look of the planner has decided so far.

import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { replaced } from '../resources/resource-list.ts';
import { isRunning } from '../resources/run.ts';
import { isWork } from '../resources/slots.ts';
import { those } from '../resources/those.ts';

export interface Decisions {
  /** As it was before the first of them. */
  readonly state: EngineState;
  /** Those that were started among them, last. */
  readonly running: readonly ResourceState[];
  /** How many of those keep this machine busy. */
  readonly working: number;
  /** A resource as it is by now. */
  of(name: string): ResourceState | undefined;
  decide(before: ResourceState, after: ResourceState): void;
  /** The state with all of them. */
  all(): EngineState;
}

export const runningIn = those(isRunning);

export function decisionsOn(state: EngineState): Decisions {
  const running = [...runningIn(state)];
  const decided = new Map<string, ResourceState>();
  let [counted, working] = [0, 0];
  return {
    state,
    running,
    get working() {
      const since = running.slice(counted);
      counted = running.length;
      working += since.filter((each) => isWork(state, each)).length;
      return working;
    },
    of: (name) => decided.get(name) ?? lookup(state.resources, name),
    decide: (before, after) => {
      if (after === before) return;
      decided.set(after.spec.name, after);
      if (isRunning(after)) running.push(after);
    },
    all: () => replaced(state, [...decided.values()]),
  };
}
