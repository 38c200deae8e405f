// What is left of services that the Compose files name no more goes, where that was asked for.
import { catchError, concatMap, distinctUntilChanged, EMPTY, filter, map, type Observable, of, takeUntil } from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { orphansToGo } from '../../engine/wanted/service-orphans.ts';
import type { Fact } from '../../model/fact.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { Ports } from '../../model/ports.ts';
import { problemOf } from '../../model/problems/problem.ts';
import { abortable } from '../../operators/abortable.ts';
import { removeContainers } from '../../update/compose/down.ts';

const feed = 'service-orphans';

export const serviceOrphans: Feed<Ports> = {
  name: feed,
  run: (state$, ports) =>
    state$.pipe(
      map(orphansToGo),
      distinctUntilChanged((a, b) => namesOf(a) === namesOf(b)),
      filter((orphans) => orphans.length > 0),
      concatMap((orphans) => remove(orphans, ports)),
      takeUntil(state$.pipe(filter(({ phase }) => phase !== 'up' && phase !== 'starting'))),
    ),
};

const namesOf = (orphans: readonly Pod[]): string => orphans.map(({ uid }) => uid).join();

/** What is gone by now is left alone; their anonymous volumes stay, as with `docker compose`. */
function remove(orphans: readonly Pod[], ports: Ports): Observable<Fact> {
  const say = (text: string) =>
    ports.logs.line({ resource: '', source: 'engine' }, 'info', `orphan: ${text}`, ports.now());
  const containers = orphans.map(({ uid, name }) => ({ id: uid, name }));
  return abortable(async (stop) =>
    removeContainers(containers, () => null, { volumes: false }, { docker: await ports.docker(), ports, say, stop }),
  ).pipe(
    concatMap(() => EMPTY),
    catchError((error) => of<Fact>({ type: 'feed/failed', feed, problem: problemOf(error), retryAt: null })),
  );
}
