// Is the cluster there? Asked only where something has to be deployed.
import { distinctUntilChanged, EMPTY, map, switchMap } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { needsCluster } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import { heartbeat } from '../operators/heartbeat.ts';

export const cluster: Feed<Pick<Ports, 'kube' | 'now'>> = {
  name: 'cluster',
  run: (state$, ports) =>
    state$.pipe(
      map(needsCluster),
      distinctUntilChanged(),
      switchMap((isNeeded) =>
        isNeeded
          ? heartbeat({
              check: async (stop) => {
                const kube = await ports.kube();
                await kube.version(stop);
                return kube.info;
              },
              everyMs: limits.healthEveryMs,
              firstMs: limits.healthRetryFirstMs,
              maxMs: limits.feedRetryMaxMs,
            })
          : EMPTY,
      ),
      map(
        (beat): Fact =>
          beat.is === 'ok'
            ? { type: 'cluster/connected', info: beat.value }
            : { type: 'cluster/failed', problem: problemOf(beat.error), retryAt: ports.now() + beat.pauseMs },
      ),
    ),
};
