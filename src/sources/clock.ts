// The planner says when it wants to look again; this sleeps until then, and tells when the machine's clock is set.
import {
  asyncScheduler,
  distinctUntilChanged,
  EMPTY,
  filter,
  interval,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  switchMap,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { ClockPort, Ports } from '../model/ports.ts';

export function clock(scheduler: SchedulerLike = asyncScheduler): Feed<Pick<Ports, 'now' | 'clock'>> {
  return {
    name: 'clock',
    run: (state$, ports) =>
      merge(
        state$.pipe(
          map((state) => state.wakeAt),
          distinctUntilChanged(),
          switchMap((due) =>
            due === null
              ? EMPTY
              : timer(Math.max(0, due - ports.now()), scheduler).pipe(
                  map((): Fact => ({ type: 'clock/reached', due })),
                ),
          ),
        ),
        ports.clock ? settings(ports.clock, scheduler) : EMPTY,
      ),
  };
}

const settings = (clock: ClockPort, scheduler: SchedulerLike): Observable<Fact> =>
  interval(limits.clockLookMs, scheduler).pipe(
    map(() => clock.follow()),
    filter((byMs) => byMs !== 0),
    map((byMs): Fact => ({ type: 'clock/set', byMs })),
  );
