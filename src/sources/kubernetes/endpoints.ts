// EndpointSlices: which pods Services send to, so that a pod on its way out is known to have no traffic any more.
import type { Feed } from '../../engine/engine.ts';
import type { Fact } from '../../model/fact.ts';
import { readEndpoints } from '../../model/pods/workload-reading.ts';
import type { Ports } from '../../model/ports.ts';
import { watchNamespaces } from './namespaces.ts';

export const endpoints: Feed<Pick<Ports, 'kube' | 'now'>> = {
  name: 'endpoints',
  run: (state$, ports) =>
    watchNamespaces(state$, ports, 'endpointslices', (event, namespace): readonly Fact[] => {
      if (event.is === 'listed') return [{ type: 'endpoints/listed', namespace, uids: event.uids }];
      if (event.is === 'health') return [];
      const slice = readEndpoints(event.object);
      if (!slice) return [];
      return [{ type: 'endpoints/seen', endpoints: event.is === 'gone' ? { ...slice, pods: [] } : slice }];
    }),
};
