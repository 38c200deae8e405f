// Hooks are deleted as their policy says, once all of a release that run at that moment have ended.
import { catchError, distinctUntilChanged, EMPTY, last, map, type Observable, switchMap, take, takeUntil } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { type EndedHook, endedHooks } from '../engine/wanted/hooks.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problems/problem.ts';
import { abortable } from '../operators/abortable.ts';
import { eachKey } from '../operators/each-key.ts';
import { deleteObjects } from '../update/deploy/objects/delete.ts';

export const hooks: Feed<Ports> = {
  name: 'hooks',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.resources === b.resources && a.cluster.ok === b.cluster.ok),
      map(endedHooks),
      eachKey((_, ended$: Observable<EndedHook>) =>
        ended$.pipe(
          take(1),
          switchMap((ended) => remove(ended, ports)),
          takeUntil(ended$.pipe(last(null, null))),
        ),
      ),
    ),
};

function remove({ resource, project, refs }: EndedHook, ports: Ports): Observable<Fact> {
  return abortable(async (stop) =>
    deleteObjects(await ports.kube(), { resource, refs }, { project }, ports, stop),
  ).pipe(
    catchError((error) => {
      const text = `hook not deleted: ${problemOf(error).what}`;
      ports.logs.line({ resource, source: 'engine' }, 'warn', text, ports.now());
      return EMPTY;
    }),
    switchMap(() => EMPTY),
  );
}
