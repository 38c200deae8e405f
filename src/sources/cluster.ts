// Is the cluster there? Asked only where something has to be deployed.
import { map } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { needsCluster } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import type { KubeInfo, Ports } from '../model/ports.ts';
import { problemOf } from '../model/problems/problem.ts';
import { presence } from './presence.ts';

export const cluster: Feed<Pick<Ports, 'kube' | 'now'>> = {
  name: 'cluster',
  run: (state$, ports) => {
    const check = async (stop: AbortSignal): Promise<KubeInfo> => {
      const kube = await ports.kube();
      await kube.version(stop);
      return kube.info;
    };
    return presence(state$, { isNeeded: needsCluster, check }).pipe(
      map(
        (beat): Fact =>
          beat.is === 'ok'
            ? { type: 'cluster/connected', info: beat.value }
            : { type: 'cluster/failed', problem: problemOf(beat.error), retryAt: ports.now() + beat.pauseMs },
      ),
    );
  },
};
