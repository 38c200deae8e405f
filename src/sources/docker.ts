// Is the Docker daemon there? Asked only where an image has to be built.
import { distinctUntilChanged, EMPTY, map, switchMap } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { needsDocker } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import { heartbeat } from '../operators/heartbeat.ts';

export const docker: Feed<Pick<Ports, 'docker' | 'now'>> = {
  name: 'docker',
  run: (state$, ports) =>
    state$.pipe(
      map(needsDocker),
      distinctUntilChanged(),
      switchMap((isNeeded) =>
        isNeeded
          ? heartbeat({
              check: async (stop) => (await ports.docker()).info(stop),
              everyMs: limits.healthEveryMs,
              firstMs: limits.healthRetryFirstMs,
              maxMs: limits.feedRetryMaxMs,
            })
          : EMPTY,
      ),
      map(
        (beat): Fact =>
          beat.is === 'ok'
            ? { type: 'docker/connected', info: beat.value }
            : { type: 'docker/failed', problem: problemOf(beat.error), retryAt: ports.now() + beat.pauseMs },
      ),
    ),
};
