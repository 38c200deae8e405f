// One log tail per container id, init containers included; a new id is a new tail. The bytes go to the log store.
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  from,
  ignoreElements,
  last,
  map,
  type Observable,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { podsByResource } from '../engine/runtime.ts';
import type { Fact } from '../model/fact.ts';
import { lookup } from '../model/lookup.ts';
import type { Pod } from '../model/pod.ts';
import type { Ports } from '../model/ports.ts';
import type { EngineState } from '../model/state.ts';
import { eachKey } from '../operators/each-key.ts';

/** Sidecars of meshes: their lines would drown the user's own. */
const ignored = /^(istio-(init|proxy|validation)|linkerd-(init|proxy))$/;

interface Tail {
  readonly resource: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** ms epoch: a container older than this session is followed from the session's start. */
  readonly since: number | null;
  /** The container has been replaced already: read what it left behind. */
  readonly previous: boolean;
}

export const logTails: Feed<Pick<Ports, 'kube' | 'logs' | 'now'>> = {
  name: 'log-tails',
  run: (state$, ports) =>
    state$.pipe(
      // The configuration: a pod may be known before the resource it belongs to.
      distinctUntilChanged((a, b) => a.pods === b.pods && a.phase === b.phase && a.order === b.order),
      map(tailsOf),
      eachKey((_key, tail$: Observable<Tail>) =>
        // The first sighting decides; later states of the same container change nothing about its tail.
        tail$.pipe(
          distinctUntilChanged(() => true),
          switchMap((tail) => follow(tail, ports)),
          takeUntil(tail$.pipe(last(null, null))),
        ),
      ),
    ),
};

function tailsOf(state: EngineState): Readonly<Record<string, Tail>> {
  const tails: Record<string, Tail> = {};
  if (state.phase === 'stopped') return tails;
  for (const [resource, pods] of podsByResource(state))
    if (lookup(state.resources, resource)?.enabled)
      for (const pod of pods) Object.assign(tails, tailsOfPod(pod, resource, state.startedAt));
  return tails;
}

function tailsOfPod(pod: Pod, resource: string, startedAt: number): Record<string, Tail> {
  const tails: Record<string, Tail> = {};
  for (const container of pod.containers) {
    if (ignored.test(container.name)) continue;
    const base = { resource, namespace: pod.namespace, pod: pod.name, container: container.name };
    const since = (from: number | null): number | null => (from !== null && from < startedAt ? startedAt : null);
    if (container.last?.id && (container.last.finishedAt ?? 0) >= startedAt)
      tails[`${pod.uid}/${container.last.id}`] = { ...base, since: since(null), previous: true };
    if (container.id && container.state !== 'waiting')
      tails[`${pod.uid}/${container.id}`] = { ...base, since: since(container.startedAt), previous: false };
  }
  return tails;
}

function follow(tail: Tail, ports: Pick<Ports, 'kube' | 'logs' | 'now'>): Observable<Fact> {
  const origin = { resource: tail.resource, source: 'runtime' as const, pod: tail.pod, container: tail.container };
  return defer(() => from(ports.kube())).pipe(
    switchMap((kube) =>
      kube.logs(
        { namespace: tail.namespace, name: tail.pod, container: tail.container },
        { since: tail.since, previous: tail.previous, follow: !tail.previous },
      ),
    ),
    tap({
      next: ({ at, text }) => ports.logs.write(origin, `${text}\n`, at),
      complete: () => ports.logs.end(origin, ports.now()),
    }),
    ignoreElements(),
    // A log that cannot be read (pod gone, container not there any more) is no failure of the feed.
    catchError(() => EMPTY),
  );
}
