// One log tail per container id, init containers included; a new id is a new tail. The bytes go to the log store.
import {
  catchError,
  concatWith,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  first,
  from,
  ignoreElements,
  last,
  map,
  merge,
  type Observable,
  of,
  retry,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { isFollowed } from '../engine/runtime/pod-problem.ts';
import { podsByResource } from '../engine/runtime/runtime.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import { containerRun } from '../model/pods/log-run.ts';
import type { Pod } from '../model/pods/pod.ts';
import type { Ports } from '../model/ports.ts';
import { isProblemError } from '../model/problems/problem.ts';
import type { EngineState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';

interface Tail {
  readonly resource: string;
  readonly uid: string;
  readonly id: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** ms epoch: a container older than this session is followed from the session's start. */
  readonly since: number | null;
  /** Null: all of it. */
  readonly lines: number | null;
  /** The container has been replaced already: read what it left behind. */
  readonly previous: boolean;
  readonly hasEnded: boolean;
}

export const logTails: Feed<Pick<Ports, 'kube' | 'logs' | 'now'>> = {
  name: 'log-tails',
  run: (state$, ports) =>
    state$.pipe(
      // The configuration: a pod may be known before the resource it belongs to.
      distinctUntilChanged((a, b) => a.pods === b.pods && a.phase === b.phase && a.order === b.order),
      selecting(
        'log-tails',
        tailsOf,
        lanes('log-tails', ports, (_key, tail$: Observable<Tail>) =>
          merge(
            // The first sighting decides; later states of the same container change nothing about its tail.
            tail$.pipe(
              distinctUntilChanged(() => true),
              switchMap((tail) => follow(tail, ports)),
            ),
            tail$.pipe(
              first(({ hasEnded }) => hasEnded, null),
              switchMap((tail) => (tail ? timer(limits.lastWordsMs).pipe(map(() => ended(tail))) : EMPTY)),
            ),
          ).pipe(takeUntil(tail$.pipe(last(null, null)))),
        ),
      ),
    ),
};

function tailsOf(state: EngineState): Readonly<Record<string, Tail>> {
  const tails: Record<string, Tail> = {};
  if (state.phase === 'stopped') return tails;
  for (const [resource, pods] of podsByResource(state))
    if (lookup(state.resources, resource)?.enabled)
      for (const pod of pods.filter(({ compose }) => !compose))
        Object.assign(tails, tailsOfPod(pod, resource, state.startedAt));
  return tails;
}

const ended = ({ uid, id }: Tail): Fact => ({ type: 'log/ended', pod: uid, container: id });

function tailsOfPod(pod: Pod, resource: string, startedAt: number): Record<string, Tail> {
  const tails: Record<string, Tail> = {};
  for (const container of pod.containers) {
    if (!isFollowed(container.name)) continue;
    const base = { resource, uid: pod.uid, namespace: pod.namespace, pod: pod.name, container: container.name };
    const isOld = (at: number | null): boolean => at !== null && at < startedAt;
    const put = (id: string, parts: Pick<Tail, 'since' | 'lines' | 'previous' | 'hasEnded'>): void => {
      tails[`${pod.uid}/${id}`] = { ...base, id, ...parts };
    };
    // Of one that is down since before this session the end is read: it says why.
    const lastWords = (isDown: boolean): number | null => (isDown ? limits.excerptLines : null);
    const { id, last, state, exitCode } = container;
    const wasBefore = isOld(last?.finishedAt ?? 0);
    if (last?.id && (state === 'waiting' || !wasBefore))
      put(last.id, { since: null, lines: lastWords(wasBefore), previous: true, hasEnded: true });
    if (!id || state === 'waiting') continue;
    const isDown = state === 'terminated' && exitCode !== 0 && isOld(container.startedAt);
    const since = isOld(container.startedAt) && !isDown ? startedAt : null;
    put(id, { since, lines: lastWords(isDown), previous: false, hasEnded: state === 'terminated' });
  }
  return tails;
}

function follow(tail: Tail, ports: Pick<Ports, 'kube' | 'logs' | 'now'>): Observable<Fact> {
  const { resource, pod, container } = tail;
  const origin = { resource, source: 'runtime' as const, pod, container, run: containerRun(tail.id) };
  let since = tail.since;
  return defer(() => from(ports.kube())).pipe(
    switchMap((kube) => kube.logs({ ...tail, name: tail.pod }, optionsOf(tail, since))),
    tap({
      next: ({ at, text, missing }) => {
        since = at + 1;
        ports.logs.write(origin, `${text}\n`, at, missing);
      },
      complete: () => ports.logs.end(origin, ports.now()),
    }),
    ignoreElements(),
    // A log that cannot be read (pod gone, container not there any more) is no failure of the feed; one that may not be read is
    // told of by the rights, and may be granted.
    catchError((error) => (isDenied(error) ? of<Fact>(ended(tail)).pipe(concatWith(throwError(() => error))) : EMPTY)),
    retry({ delay: () => timer(limits.deniedRetryMs) }),
    endWith(ended(tail)),
  );
}

const isDenied = (error: unknown): boolean => isProblemError(error) && error.problem.kind === 'denied';

const optionsOf = ({ previous, lines }: Tail, since: number | null) => ({
  since,
  previous,
  follow: !previous,
  ...(lines === null ? {} : { tailLines: lines }),
});
