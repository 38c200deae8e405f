// Pods of our resources, by label or by selector, as facts.
import { filter, map, withLatestFrom } from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { isAnothers, resourceOfPod } from '../../engine/runtime/pod-owner.ts';
import type { Fact } from '../../model/fact.ts';
import { projectLabel } from '../../model/labels.ts';
import type { Pod } from '../../model/pods/pod.ts';
import { readPod } from '../../model/pods/pod-reading.ts';
import type { KubeWatchEvent, Ports } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { watchNamespaces } from './namespaces.ts';

export const pods: Feed<Pick<Ports, 'kube' | 'now'>> = {
  name: 'pods',
  run: (state$, ports) =>
    watchNamespaces(state$, ports, 'pods', toFacts).pipe(
      withLatestFrom(state$),
      filter(([fact, state]) => fact.type !== 'pod/seen' || concerns(state, fact.pod)),
      map(([fact]) => fact),
    ),
};

/** Those of this project even where their resource is not known yet: an edit of the configuration may bring it. */
const concerns = (state: EngineState, pod: Pod): boolean =>
  (projectLabel in pod.labels && !isAnothers(state, pod)) || resourceOfPod(state, pod) !== null;

function toFacts(event: KubeWatchEvent, namespace: string): readonly Fact[] {
  if (event.is === 'listed') return [{ type: 'pods/listed', namespace, uids: event.uids }];
  if (event.is === 'health') return [];
  const pod = readPod(event.object);
  if (!pod) return [];
  return [event.is === 'gone' ? { type: 'pod/gone', uid: pod.uid } : { type: 'pod/seen', pod }];
}
