// Services: their load-balancer and node-port URLs become endpoints.
import type { Feed } from '../../engine/engine.ts';
import type { Fact } from '../../model/fact.ts';
import { readService } from '../../model/pods/pod-reading.ts';
import type { Ports } from '../../model/ports.ts';
import { watchNamespaces } from './namespaces.ts';

export const services: Feed<Pick<Ports, 'kube' | 'now'>> = {
  name: 'services',
  run: (state$, ports) =>
    watchNamespaces(state$, ports, 'services', (event, namespace): readonly Fact[] => {
      if (event.is === 'listed') return [{ type: 'services/listed', namespace, uids: event.uids }];
      if (event.is === 'health') return [];
      const service = readService(event.object);
      if (!service) return [];
      return [event.is === 'gone' ? { type: 'service/gone', uid: service.uid } : { type: 'service/seen', service }];
    }),
};
