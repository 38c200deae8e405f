// What a removed or disabled resource had deployed is taken down; what sluice did not make stays.
import { catchError, defer, distinctUntilChanged, first, map, type Observable, of, switchMap } from 'rxjs';
import { deleteObjects } from '../build/delete.ts';
import type { Feed } from '../engine/engine.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import type { Removal } from '../model/state.ts';
import { eachKey } from '../operators/each-key.ts';

export const removals: Feed<Ports> = {
  name: 'removals',
  run: (state$, ports) =>
    state$.pipe(
      map((state) => (state.cluster.ok ? state.removals : {})),
      distinctUntilChanged(),
      eachKey((name, removal$: Observable<Removal>) =>
        removal$.pipe(
          first(),
          switchMap((removal) => remove(name, removal, ports)),
        ),
      ),
    ),
};

function remove(name: string, { deployed }: Removal, ports: Ports): Observable<Fact> {
  const stop = new AbortController();
  return defer(async () =>
    deleteObjects(await ports.kube(), deployed.objects, { resource: name }, ports, stop.signal),
  ).pipe(
    map((): Fact => ({ type: 'removal/ended', resource: name, problem: null })),
    catchError((error) => of<Fact>({ type: 'removal/ended', resource: name, problem: problemOf(error) })),
  );
}
