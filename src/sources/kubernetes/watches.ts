// One watch per kind and place, made and ended as the state names them.
import { defer, distinctUntilChanged, from, last, map, mergeMap, type Observable, switchMap, takeUntil } from 'rxjs';
import { lanes } from '../../engine/lanes.ts';
import type { Fact } from '../../model/fact.ts';
import type { KubeWatchEvent, Ports, WatchedKind } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';

export interface Watch {
  readonly kind: WatchedKind;
  readonly namespace: string;
  readonly labelSelector?: string;
}

/** `watchesOf` names what is to be watched, from the configuration and the cluster alone; `toFacts` reads each event. */
export function watchEach(
  state$: Observable<EngineState>,
  ports: Pick<Ports, 'kube' | 'now'>,
  watchesOf: (state: EngineState) => readonly Watch[],
  toFacts: (event: KubeWatchEvent, watch: Watch) => readonly Fact[],
): Observable<Fact> {
  return state$.pipe(
    // What is asked at every fact has to cost nothing.
    distinctUntilChanged((a, b) => a.config.current === b.config.current && a.cluster === b.cluster),
    map((state) => Object.fromEntries(watchesOf(state).map((watch) => [feedOf(watch), watch]))),
    distinctUntilChanged((a, b) => Object.keys(a).join() === Object.keys(b).join()),
    // A watch never ends by itself: it goes with what it is for.
    lanes('watch', ports, (feed, watch$: Observable<Watch>) =>
      watch$.pipe(
        distinctUntilChanged(() => true),
        switchMap((watch) => defer(() => from(ports.kube())).pipe(switchMap((kube) => opened(kube, watch)))),
        takeUntil(watch$.pipe(last(null, null))),
        mergeMap(({ event, watch }) => (event.is === 'health' ? health(feed, event) : toFacts(event, watch))),
      ),
    ),
  );
}

const opened = (kube: Awaited<ReturnType<Ports['kube']>>, watch: Watch) =>
  kube.watch(watch.kind, watch.namespace, watch.labelSelector).pipe(map((event) => ({ event, watch })));

/** The name under which its health is known: `pods/default`. */
export const feedOf = ({ kind, namespace }: Watch): string => `${kind}/${namespace}`;

function health(feed: string, event: Extract<KubeWatchEvent, { is: 'health' }>): readonly Fact[] {
  if (event.ok || !event.problem) return [{ type: 'feed/healthy', feed }];
  return [{ type: 'feed/failed', feed, problem: event.problem, retryAt: null }];
}
