// Is the Docker daemon there? Asked only where an image has to be built.
import { map } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { needsDocker } from '../engine/reach.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import { presence } from './presence.ts';

export const docker: Feed<Pick<Ports, 'docker' | 'now'>> = {
  name: 'docker',
  run: (state$, ports) =>
    presence(state$, needsDocker, async (stop) => (await ports.docker()).info(stop)).pipe(
      map(
        (beat): Fact =>
          beat.is === 'ok'
            ? { type: 'docker/connected', info: beat.value }
            : { type: 'docker/failed', problem: problemOf(beat.error), retryAt: ports.now() + beat.pauseMs },
      ),
    ),
};
