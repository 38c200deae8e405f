// What containers of Compose services put out, into the log store: one tail for each time that a container was started.
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  last,
  type Observable,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { lanes, selecting } from '../../engine/lanes.ts';
import { podsByResource } from '../../engine/runtime/runtime.ts';
import type { Fact } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import { startedRun } from '../../model/pods/log-run.ts';
import type { Ports } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';

interface Tail {
  readonly resource: string;
  readonly uid: string;
  readonly name: string;
  readonly container: string;
  readonly id: string;
  /** ms epoch; a container older than this session is followed from the session's start. */
  readonly since: number;
  /** ms epoch: of this start of it. */
  readonly startedAt: number;
}

type LogPorts = Pick<Ports, 'docker' | 'logs' | 'now'>;

export const containerLogs: Feed<LogPorts> = {
  name: 'container-logs',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.pods === b.pods && a.phase === b.phase && a.order === b.order),
      selecting(
        'container-logs',
        tailsOf,
        lanes('container-logs', ports, (_key, tail$: Observable<Tail>) =>
          tail$.pipe(
            take(1),
            switchMap((tail) => follow(tail, ports)),
            takeUntil(tail$.pipe(last(null, null))),
          ),
        ),
      ),
    ),
};

/** By container and start: the same container started again is read from that start on. */
function tailsOf(state: EngineState): Readonly<Record<string, Tail>> {
  const tails: Record<string, Tail> = {};
  if (state.phase === 'stopped') return tails;
  for (const [resource, pods] of podsByResource(state)) {
    if (!lookup(state.resources, resource)?.enabled) continue;
    for (const pod of pods) {
      const [container] = pod.containers;
      if (!pod.compose || !container?.id || container.startedAt === null) continue;
      const { name, id, startedAt, state: is } = container;
      const isOld = startedAt < state.startedAt;
      // What had ended before this session is not told again, save why it failed.
      if (isOld && is === 'terminated' && container.exitCode === 0) continue;
      const since = isOld && is !== 'terminated' ? state.startedAt : startedAt - limits.dockerStartNotedMs;
      tails[`${pod.uid}/${startedAt}`] = {
        resource,
        uid: pod.uid,
        name: pod.name,
        container: name,
        id,
        since,
        startedAt,
      };
    }
  }
  return tails;
}

function follow({ resource, uid, name, container, id, since, startedAt }: Tail, ports: LogPorts): Observable<Fact> {
  const run = startedRun(id, startedAt);
  const origin = { resource, source: 'runtime' as const, pod: name, container, run };
  return defer(() => from(ports.docker())).pipe(
    switchMap((docker) => docker.logs(uid, since, true)),
    tap({
      next: ({ chunk }) => ports.logs.write(origin, chunk, ports.now()),
      complete: () => ports.logs.end(origin, ports.now()),
    }),
    ignoreElements(),
    // A driver whose logs cannot be read, or a container that is gone, is no failure of the feed.
    catchError(() => EMPTY),
    endWith<Fact>({ type: 'log/ended', pod: uid, container: run }),
  );
}
