// Runs that should be under way.
import type { Work } from '../../model/run.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { those } from '../resources/those.ts';

/** By resource. What is satisfied already is wanted no more, also after this feed was restarted. */
export const desiredIn = (state: EngineState): Readonly<Record<string, Work>> =>
  Object.fromEntries(
    wantedIn(state).flatMap(({ spec, update: { desired } }) => (desired ? [[spec.name, desired]] : [])),
  );

const wantedIn = those(({ update: { desired, last } }: ResourceState) => desired !== null && desired.run !== last?.id);
