// What containers said before they were started again, as `kubectl logs --previous` has it: asked of the cluster, which keeps
// one of each, and of Docker, which keeps all of a container. Lines come as those of the session do: filtered, without secrets,
// bounded.
import { fromEvent, lastValueFrom, takeUntil, tap } from 'rxjs';
import { podsByResource } from '../../engine/runtime/runtime.ts';
import { createLogStore } from '../../logs/store.ts';
import type { LogLine, LogStore } from '../../model/log.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { DockerPort, KubePort } from '../../model/ports.ts';
import { isProblemError, type Problem } from '../../model/problems/problem.ts';
import type { EngineState } from '../../model/state.ts';
import { sound } from './follow.ts';
import type { LogQuery } from './log-query.ts';

export interface PreviousRequest {
  /** Of resources; empty for all. */
  readonly names: readonly string[];
  readonly query: LogQuery;
  readonly kube: () => Promise<KubePort>;
  readonly docker: () => Promise<DockerPort>;
  readonly scrub: (text: string) => string;
  readonly stop: AbortSignal;
}

/** One container after the other. A problem where none was started again, or nothing of any can be had. */
export async function previousLogs(
  state: EngineState,
  request: PreviousRequest,
): Promise<{ readonly lines: readonly LogLine[] } | { readonly problem: Problem }> {
  const { query, stop } = request;
  const store = createLogStore({ dir: null });
  const problems: Problem[] = [];
  let count = 0;
  try {
    for (const read of readersIn(state, request))
      await read(store).then(
        (isThere) => {
          if (isThere) count++;
        },
        (error: unknown) => {
          if (stop.aborted) return;
          if (!isProblemError(error)) throw error;
          problems.push(error.problem);
        },
      );
    const { lines } = sound(store.tail(query.filter, query.tail));
    if (count > 0 || stop.aborted) return { lines: lines.filter(({ at }) => at >= query.since) };
    return { problem: problems[0] ?? none(request.names) };
  } finally {
    await store.close();
  }
}

/** Puts what one container said into the store; false where it was not started again. */
type Reader = (store: LogStore) => Promise<boolean>;

function readersIn(state: EngineState, request: PreviousRequest): readonly Reader[] {
  const { containers } = request.query.filter;
  return [...podsByResource(state)]
    .filter(([resource]) => request.names.length === 0 || request.names.includes(resource))
    .flatMap(([resource, pods]) =>
      pods.flatMap((pod) =>
        pod.containers
          .filter(({ name }) => containers?.includes(name) ?? true)
          .flatMap((container) => readerOf({ resource, pod, container }, request) ?? []),
      ),
    );
}

interface Place {
  readonly resource: string;
  readonly pod: Pod;
  readonly container: Pod['containers'][number];
}

function readerOf(place: Place, request: PreviousRequest): Reader | null {
  const { pod, container } = place;
  const { id } = container;
  if (pod.compose) return id === null ? null : (store) => readDocker(place, id, store, request);
  return container.last === null ? null : (store) => readCluster(place, store, request);
}

const originOf = ({ resource, pod, container }: Place) => ({
  resource,
  source: 'runtime' as const,
  pod: pod.name,
  container: container.name,
});

async function readDocker(place: Place, id: string, store: LogStore, { docker, scrub, stop }: PreviousRequest) {
  const said = await (await docker()).earlierLogs(id.replace('docker://', ''), stop);
  if (said === null) return false;
  const origin = originOf(place);
  let last = 0;
  for await (const { at, text } of said) {
    store.write(origin, scrub(text), at);
    last = at;
  }
  store.end(origin, last);
  return true;
}

async function readCluster(place: Place, store: LogStore, { kube, query, scrub, stop }: PreviousRequest) {
  const options = {
    since: query.since === 0 ? null : query.since,
    previous: true,
    tailLines: query.tail,
    follow: false,
  };
  const { pod, container } = place;
  const origin = originOf(place);
  const at = { namespace: pod.namespace, name: pod.name, container: container.name };
  const lines$ = (await kube()).logs(at, options).pipe(
    tap(({ at, text, missing }) => store.write(origin, `${scrub(text)}\n`, at, missing)),
    takeUntil(fromEvent(stop, 'abort')),
  );
  await lastValueFrom(lines$, { defaultValue: null });
  return true;
}

const none = (names: readonly string[]): Problem => ({
  kind: 'yours',
  code: 'S642',
  what: `no container${names.length > 0 ? ` of ${names.join(', ')}` : ''} has been started again: there is none before it`,
  hint: 'the lines of what runs now: sluice logs',
});
