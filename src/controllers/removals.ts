// What a removed or disabled resource had deployed is taken down; what sluice did not make stays.
import {
  catchError,
  distinctUntilChanged,
  last,
  map,
  type Observable,
  of,
  retry,
  switchMap,
  take,
  takeUntil,
  throwError,
  timer,
  withLatestFrom,
} from 'rxjs';
import { deleteObjects } from '../build/delete.ts';
import type { Feed } from '../engine/engine.ts';
import { lanes } from '../engine/lanes.ts';
import { projectOf } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import type { Project } from '../model/project.ts';
import type { EngineState, Removal } from '../model/state.ts';
import { abortable } from '../operators/abortable.ts';

export const removals: Feed<Ports> = {
  name: 'removals',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.removals === b.removals && a.cluster.ok === b.cluster.ok),
      map(due),
      lanes('removals', ports, (name, removal$: Observable<Removal>) =>
        removal$.pipe(
          take(1),
          withLatestFrom(state$),
          switchMap(([removal, state]) => remove(name, removal, projectOf(state), ports)),
          takeUntil(removal$.pipe(last(null, null))),
        ),
      ),
    ),
};

/** Nothing is taken down while a run that is stopping may still apply some of it. */
function due({ removals: all, cluster }: EngineState): EngineState['removals'] {
  if (!cluster.ok) return {};
  return Object.fromEntries(Object.entries(all).filter(([, { after }]) => after === null));
}

function remove(name: string, { deployed }: Removal, project: Project, ports: Ports): Observable<Fact> {
  return abortable(async (stop) =>
    deleteObjects(await ports.kube(), deployed.objects, { resource: name, project }, ports, stop),
  ).pipe(
    retry({
      delay: (error, count) =>
        problemOf(error).kind === 'unavailable'
          ? timer(Math.min(limits.feedRetryMaxMs, limits.healthRetryFirstMs * 2 ** (count - 1)))
          : throwError(() => error),
    }),
    map((): Fact => ({ type: 'removal/ended', resource: name, problem: null })),
    catchError((error) => {
      const problem = problemOf(error);
      ports.logs.line({ resource: name, source: 'engine' }, 'error', `not taken down: ${problem.what}`, ports.now());
      return of<Fact>({ type: 'removal/ended', resource: name, problem });
    }),
  );
}
