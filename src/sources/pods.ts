// Pods of our resources, by label or by selector, as facts.
import { filter, map, withLatestFrom } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { resourceOfPod } from '../engine/fold/pods.ts';
import type { Fact } from '../model/fact.ts';
import { readPod } from '../model/pod-reading.ts';
import type { KubeWatchEvent, Ports } from '../model/ports.ts';
import { watchNamespaces } from './namespaces.ts';

export const pods: Feed<Pick<Ports, 'kube'>> = {
  name: 'pods',
  run: (state$, ports) =>
    watchNamespaces(state$, ports, 'pods', toFacts).pipe(
      withLatestFrom(state$),
      // Labelled ones are kept even where their resource is not known yet: an edit of the configuration may bring it.
      filter(
        ([fact, state]) =>
          fact.type !== 'pod/seen' || 'sluice-resource' in fact.pod.labels || resourceOfPod(state, fact.pod) !== null,
      ),
      map(([fact]) => fact),
    ),
};

function toFacts(event: KubeWatchEvent, namespace: string): readonly Fact[] {
  if (event.is === 'listed') return [{ type: 'pods/listed', namespace, uids: event.uids }];
  if (event.is === 'health') return [];
  const pod = readPod(event.object);
  if (!pod) return [];
  return [event.is === 'gone' ? { type: 'pod/gone', uid: pod.uid } : { type: 'pod/seen', pod }];
}
