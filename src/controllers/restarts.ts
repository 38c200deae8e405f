// Restart without a build: the pods of a workload are deleted, and their owner makes them anew.
import {
  catchError,
  distinctUntilChanged,
  last,
  map,
  mergeMap,
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
import { daemonHost } from '../model/hosts/daemon-host.ts';
import { readContainer } from '../model/pods/container-reading.ts';
import type { Pod } from '../model/pods/pod.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problems/problem.ts';
import type { EngineState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
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
    if (resource?.spec.kind === 'compose')
      return restartContainers(pods, daemonHost(state.docker.info?.host), ports, stop);
    const kube = await ports.kube();
    for (const pod of pods) {
      await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: pod.name, namespace: pod.namespace }, stop);
      deleted.push(pod.uid);
    }
  }).pipe(
    mergeMap((seen = []): readonly Fact[] => [
      ...seen.map((pod): Fact => ({ type: 'pod/seen', pod })),
      { ...ended, pods: deleted, problem: null },
    ]),
    catchError((error) => {
      const problem = problemOf(error);
      ports.logs.line({ resource: name, source: 'engine' }, 'error', `not restarted: ${problem.what}`, ports.now());
      return of<Fact>({ ...ended, pods: deleted, problem });
    }),
  );
}

/**
 * The same containers, started again: what is in them stays. As they are then, which the daemon's events may tell only after the restart
 * is over: until then they have ended, and would be taken for failed.
 */
async function restartContainers(
  pods: readonly Pod[],
  host: string | null,
  { docker }: RestartPorts,
  stop: AbortSignal,
): Promise<readonly Pod[]> {
  const port = await docker();
  const all = pods.map(async ({ uid }) => {
    await port.restart(uid, stop);
    return port.engine.look(uid, stop);
  });
  return (await Promise.all(all)).flatMap((container) => (container ? (readContainer(container, host) ?? []) : []));
}
