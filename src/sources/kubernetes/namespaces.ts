// One kind in every namespace that has something of ours.
import type { Observable } from 'rxjs';
import { namespacesOf } from '../../engine/reach.ts';
import type { Fact } from '../../model/fact.ts';
import type { KubeWatchEvent, Ports, WatchedKind } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { watchEach } from './watches.ts';

/** Watches `kind` in every namespace that has something of ours; `toFacts` reads each event. */
export const watchNamespaces = (
  state$: Observable<EngineState>,
  ports: Pick<Ports, 'kube' | 'now'>,
  kind: WatchedKind,
  toFacts: (event: KubeWatchEvent, namespace: string) => readonly Fact[],
): Observable<Fact> =>
  watchEach(
    state$,
    ports,
    (state) => Object.keys(namespacesOf(state)).map((namespace) => ({ kind, namespace })),
    (event, { namespace }) => toFacts(event, namespace),
  );
