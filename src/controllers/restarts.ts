// Restart without a build: the pods of a workload are deleted, and their owner makes them anew.
import {
  catchError,
  distinctUntilChanged,
  last,
  map,
  type Observable,
  of,
  switchMap,
  take,
  takeUntil,
  withLatestFrom,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes } from '../engine/lanes.ts';
import { currentPods, podsByResource } from '../engine/runtime/runtime.ts';
import { restartingIn } from '../engine/wanted/restarts.ts';
import type { Fact } from '../model/fact.ts';
import { lookup } from '../model/lookup.ts';
import type { Pod } from '../model/pod.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import type { EngineState } from '../model/state.ts';
import { abortable } from '../operators/abortable.ts';

type RestartPorts = Pick<Ports, 'docker' | 'kube' | 'logs' | 'now'>;

export const restarts: Feed<RestartPorts> = {
  name: 'restarts',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.resources === b.resources),
      map(restartingIn),
      lanes('restarts', ports, (name, restarting$: Observable<true>) =>
        restarting$.pipe(
          take(1),
          withLatestFrom(state$),
          switchMap(([, state]) => restart(name, state, ports)),
          // Called off: what is being restarted is wanted no more.
          takeUntil(restarting$.pipe(last(null, null))),
        ),
      ),
    ),
};

function restart(name: string, state: EngineState, ports: RestartPorts): Observable<Fact> {
  const resource = lookup(state.resources, name);
  const pods = resource ? currentPods(state, resource, podsByResource(state).get(name) ?? []) : [];
  const ended = { type: 'restart/ended' as const, resource: name };
  const deleted: string[] = [];
  return abortable(async (stop) => {
    if (resource?.spec.kind === 'compose') return restartContainers(pods, ports, stop);
    const kube = await ports.kube();
    for (const pod of pods) {
      await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: pod.name, namespace: pod.namespace }, stop);
      deleted.push(pod.uid);
    }
  }).pipe(
    map((): Fact => ({ ...ended, pods: deleted, problem: null })),
    catchError((error) => {
      const problem = problemOf(error);
      ports.logs.line({ resource: name, source: 'engine' }, 'error', `not restarted: ${problem.what}`, ports.now());
      return of<Fact>({ ...ended, pods: deleted, problem });
    }),
  );
}

/** The same containers, started again: what is in them stays. */
async function restartContainers(pods: readonly Pod[], { docker }: RestartPorts, stop: AbortSignal): Promise<void> {
  const port = await docker();
  await Promise.all(pods.map(({ uid }) => port.restart(uid, stop)));
}
