// What containers said before they were started again, as `kubectl logs --previous` has it: asked of the cluster, which keeps
// one of each. Lines come as those of the session do: filtered, without secrets, bounded.
import { fromEvent, lastValueFrom, takeUntil, tap } from 'rxjs';
import { podsByResource } from '../../engine/runtime/runtime.ts';
import { createLogStore } from '../../logs/store.ts';
import type { LogLine, LogStore } from '../../model/log.ts';
import type { KubePort } from '../../model/ports.ts';
import { isProblemError, type Problem } from '../../model/problem.ts';
import type { EngineState } from '../../model/state.ts';
import { sound } from './follow.ts';
import type { LogQuery } from './log-query.ts';

export interface PreviousRequest {
  /** Of resources; empty for all. */
  readonly names: readonly string[];
  readonly query: LogQuery;
  readonly kube: () => Promise<KubePort>;
  readonly scrub: (text: string) => string;
  readonly stop: AbortSignal;
}

interface Place {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** One container after the other. A problem where none was started again, or nothing of any can be had. */
export async function previousLogs(
  state: EngineState,
  request: PreviousRequest,
): Promise<{ readonly lines: readonly LogLine[] } | { readonly problem: Problem }> {
  const { query, stop } = request;
  const places = placesIn(state, request);
  if (places.length === 0) return { problem: none(request.names) };
  const store = createLogStore({ dir: null });
  const problems: Problem[] = [];
  try {
    const kube = await request.kube();
    for (const place of places)
      await read(place, kube, store, request).catch((error: unknown) => {
        if (!isProblemError(error)) throw error;
        problems.push(error.problem);
      });
    const { lines } = sound(store.tail(query.filter, query.tail));
    const [problem] = problems;
    return problem && problems.length === places.length && !stop.aborted
      ? { problem }
      : { lines: lines.filter(({ at }) => at >= query.since) };
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return { problem: error.problem };
  } finally {
    await store.close();
  }
}

function placesIn(state: EngineState, { names, query }: PreviousRequest): readonly Place[] {
  const { containers } = query.filter;
  return [...podsByResource(state)]
    .filter(([resource]) => names.length === 0 || names.includes(resource))
    .flatMap(([resource, pods]) =>
      pods.flatMap(({ namespace, name, containers: all }) =>
        all
          .filter((each) => each.last !== null && (containers?.includes(each.name) ?? true))
          .map((each) => ({ resource, namespace, name, container: each.name })),
      ),
    );
}

async function read(
  { resource, namespace, name, container }: Place,
  kube: KubePort,
  store: LogStore,
  { query, scrub, stop }: PreviousRequest,
): Promise<void> {
  const options = {
    since: query.since === 0 ? null : query.since,
    previous: true,
    tailLines: query.tail,
    follow: false,
  };
  const origin = { resource, source: 'runtime' as const, pod: name, container };
  const lines$ = kube.logs({ namespace, name, container }, options).pipe(
    tap(({ at, text, missing }) => store.write(origin, `${scrub(text)}\n`, at, missing)),
    takeUntil(fromEvent(stop, 'abort')),
  );
  await lastValueFrom(lines$, { defaultValue: null });
}

const none = (names: readonly string[]): Problem => ({
  kind: 'yours',
  code: 'S642',
  what: `no container${names.length > 0 ? ` of ${names.join(', ')}` : ''} has been started again: there is none before it`,
  hint: 'the lines of what runs now: sluice logs',
});
