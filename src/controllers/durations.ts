// How long each first run took is noted once in a session, when all is up: the next one begins with the longest chain.
import { distinctUntilChanged, filter, from, ignoreElements, map, mergeMap, type Observable } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { tookIn } from '../engine/wanted/durations.ts';
import type { Fact } from '../model/fact.ts';
import type { EngineState } from '../model/state.ts';
import type { Durations } from '../update/durations.ts';

export const durations = (notes: Durations): Feed<unknown> => ({
  name: 'durations',
  run: (state$) =>
    state$.pipe(
      filter(isQuiet),
      map(tookIn),
      distinctUntilChanged((a, b) => Object.keys(a).join('\n') === Object.keys(b).join('\n')),
      mergeMap((took): Observable<Fact> => from(notes.note(took)).pipe(ignoreElements())),
    ),
});

/** Nothing moves, or nothing more will. */
const isQuiet = ({ isIdle, phase }: EngineState): boolean => (phase === 'up' && isIdle) || phase === 'draining';
