// Is the Docker daemon there? Asked only where an image has to be built.
import { defer, from, map, switchMap } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { needsDocker } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problems/problem.ts';
import { presence } from './presence.ts';

export const docker: Feed<Pick<Ports, 'docker' | 'now'>> = {
  name: 'docker',
  run: (state$, ports) =>
    presence(state$, {
      isNeeded: needsDocker,
      check: async (stop) => (await ports.docker()).info(stop),
      everyMs: ({ host }) => (host.startsWith('unix://') ? limits.pingedHealthEveryMs : limits.healthEveryMs),
      watch: () => defer(() => from(ports.docker())).pipe(switchMap((port) => port.lifeline())),
      doubts: ({ docker: { doubts, retryAt } }) => ({
        count: doubts,
        waitMs: doubts > 0 ? Math.min(limits.healthRetryMaxMs, Math.max(0, (retryAt ?? 0) - ports.now())) : 0,
      }),
    }).pipe(
      map(
        (beat): Fact =>
          beat.is === 'ok'
            ? { type: 'docker/connected', info: beat.value }
            : { type: 'docker/failed', problem: problemOf(beat.error), retryAt: ports.now() + beat.pauseMs },
      ),
    ),
};
