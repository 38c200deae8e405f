// Restart without a build: the pods of a workload are deleted, and their owner makes them anew.
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  type Observable,
  of,
  switchMap,
  withLatestFrom,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { currentPods, podsByResource } from '../engine/runtime.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { eachKey } from '../operators/each-key.ts';

export const restarts: Feed<Pick<Ports, 'kube'>> = {
  name: 'restarts',
  run: (state$, ports) =>
    state$.pipe(
      map((state) => state.resources),
      distinctUntilChanged(),
      eachKey((name, resource$: Observable<ResourceState>) =>
        resource$.pipe(
          map(({ restarting }) => restarting),
          distinctUntilChanged(),
          withLatestFrom(state$),
          switchMap(([restarting, state]) => (restarting ? restart(name, state, ports) : EMPTY)),
        ),
      ),
    ),
};

function restart(name: string, state: EngineState, ports: Pick<Ports, 'kube'>): Observable<Fact> {
  const resource = state.resources[name];
  const pods = resource ? currentPods(resource, podsByResource(state).get(name) ?? []) : [];
  const stop = new AbortController();
  return defer(async () => {
    const kube = await ports.kube();
    for (const pod of pods)
      await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: pod.name, namespace: pod.namespace }, stop.signal);
  }).pipe(
    map((): Fact => ({ type: 'restart/ended', resource: name, problem: null })),
    catchError((error) => of<Fact>({ type: 'restart/ended', resource: name, problem: problemOf(error) })),
  );
}
