// What removed or disabled resources had deployed is taken down, in one order over all of them; what is not ours stays.

import {
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  from,
  last,
  map,
  mergeMap,
  type Observable,
  retry,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes } from '../engine/lanes.ts';
import { projectOf } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { type Problem, problemOf } from '../model/problems/problem.ts';
import type { Project } from '../model/project.ts';
import type { EngineState, Removal } from '../model/state.ts';
import { abortable } from '../operators/abortable.ts';
import { backoff } from '../operators/backoff.ts';
import { deleteParts } from '../update/deploy/objects/delete.ts';
import { nameOf } from '../update/deploy/objects/ownership.ts';

interface Batch {
  readonly project: Project;
  readonly removals: readonly (readonly [string, Removal])[];
}

export const removals: Feed<Ports> = {
  name: 'removals',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.removals === b.removals && a.cluster.ok === b.cluster.ok),
      map(due),
      lanes('removals', ports, (_, batch$: Observable<Batch>) =>
        inTurn(batch$, ports).pipe(takeUntil(batch$.pipe(last(null, null)))),
      ),
    ),
};

/** One batch at a time, given up when nothing is due any more. What comes meanwhile is the next one. */
function inTurn(batch$: Observable<Batch>, ports: Ports): Observable<Fact> {
  const begun = new WeakSet<Removal>();
  let newest: Batch | null = null;
  return batch$.pipe(
    tap((batch) => {
      newest = batch;
    }),
    concatMap(() =>
      defer(() => {
        const fresh = newest?.removals.filter(([, removal]) => !begun.has(removal)) ?? [];
        for (const [, removal] of fresh) begun.add(removal);
        return newest && fresh.length > 0 ? remove({ ...newest, removals: fresh }, ports) : EMPTY;
      }),
    ),
  );
}

/** Nothing is taken down while a run that is stopping may still apply some of it. */
function due(state: EngineState): Readonly<Record<string, Batch>> {
  const all = Object.entries(state.removals).filter(([, { after, compose }]) => after === null && !compose);
  return state.cluster.ok && all.length > 0 ? { due: { project: projectOf(state), removals: all } } : {};
}

function remove({ project, removals: all }: Batch, ports: Ports): Observable<Fact> {
  const parts = all.map(([resource, { deployed, needs }]) => ({ resource, refs: deployed.objects, needs }));
  const ended = (problemFor: (removal: Removal) => Problem | null) =>
    from(all).pipe(map(([name, removal]) => told(name, problemFor(removal), ports)));
  return abortable(async (stop) => deleteParts(await ports.kube(), parts, { project }, ports, stop)).pipe(
    retry({
      delay: (error, count) =>
        problemOf(error).kind === 'unavailable'
          ? timer(backoff(count - 1, limits.healthRetryFirstMs, limits.feedRetryMaxMs))
          : throwError(() => error),
    }),
    mergeMap(({ refused }) =>
      ended(({ deployed }) => refused.find(({ what }) => deployed.objects.some(isAbout(what))) ?? null),
    ),
    catchError((error) => ended(() => problemOf(error))),
  );
}

const isAbout =
  (what: string) =>
  (ref: Removal['deployed']['objects'][number]): boolean =>
    what.startsWith(`${nameOf(ref)} `);

function told(resource: string, problem: Problem | null, { logs, now }: Ports): Fact {
  if (problem) logs.line({ resource, source: 'engine' }, 'error', `not taken down: ${problem.what}`, now());
  return { type: 'removal/ended', resource, problem };
}
