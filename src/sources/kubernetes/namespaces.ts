// One kind in every namespace that has something of ours.
import type { Observable } from 'rxjs';
import { namespacesOf } from '../../engine/reach.ts';
import type { Fact } from '../../model/fact.ts';
import type { KubeWatchEvent, Ports, WatchedKind } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { watchEach } from './watches.ts';

/** Watches `kind` in every namespace that has something of ours; `toFacts` reads each event, of a list each object. */
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
    (event, { namespace }) => oneByOne(event).flatMap((each) => toFacts(each, namespace)),
  );

/** What a list shows for the first time is seen before the list is over. */
const oneByOne = (event: KubeWatchEvent): readonly KubeWatchEvent[] =>
  event.is === 'listed' ? [...event.objects.map((object) => ({ is: 'seen' as const, object })), event] : [event];
