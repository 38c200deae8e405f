// One watch per kind and namespace, made and ended as the configuration names them.
import { defer, distinctUntilChanged, from, last, map, mergeMap, type Observable, switchMap, takeUntil } from 'rxjs';
import { namespacesOf } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import type { KubeWatchEvent, Ports, WatchedKind } from '../model/ports.ts';
import type { EngineState } from '../model/state.ts';
import { eachKey } from '../operators/each-key.ts';

/** Watches `kind` in every namespace that has something of ours; `toFacts` reads each event. */
export function watchNamespaces(
  state$: Observable<EngineState>,
  ports: Pick<Ports, 'kube'>,
  kind: WatchedKind,
  toFacts: (event: KubeWatchEvent, namespace: string) => readonly Fact[],
): Observable<Fact> {
  return state$.pipe(
    // What is asked at every fact has to cost nothing.
    distinctUntilChanged((a, b) => a.config.current === b.config.current && a.cluster === b.cluster),
    map(namespacesOf),
    distinctUntilChanged((a, b) => Object.keys(a).join() === Object.keys(b).join()),
    // A watch never ends by itself: it goes with its namespace.
    eachKey((namespace, here$) =>
      defer(() => from(ports.kube())).pipe(
        switchMap((kube) => kube.watch(kind, namespace)),
        takeUntil(here$.pipe(last(null, null))),
        mergeMap((event) =>
          event.is === 'health' ? health(`${kind}/${namespace}`, event) : toFacts(event, namespace),
        ),
      ),
    ),
  );
}

function health(feed: string, event: Extract<KubeWatchEvent, { is: 'health' }>): readonly Fact[] {
  if (event.ok || !event.problem) return [{ type: 'feed/healthy', feed }];
  return [{ type: 'feed/failed', feed, problem: event.problem, retryAt: null }];
}
