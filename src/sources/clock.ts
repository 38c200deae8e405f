// The planner says when it wants to look again; this sleeps until then.
import { asyncScheduler, distinctUntilChanged, EMPTY, map, type SchedulerLike, switchMap, timer } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';

export function clock(scheduler: SchedulerLike = asyncScheduler): Feed<Pick<Ports, 'now'>> {
  return {
    name: 'clock',
    run: (state$, ports) =>
      state$.pipe(
        map((state) => state.wakeAt),
        distinctUntilChanged(),
        switchMap((due) =>
          due === null
            ? EMPTY
            : timer(Math.max(0, due - ports.now()), scheduler).pipe(map((): Fact => ({ type: 'clock/reached', due }))),
        ),
      ),
  };
}
