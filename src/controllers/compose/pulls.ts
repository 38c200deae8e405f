// Images of services that wait for their needs are pulled meanwhile, as those of others are built. What fails here is told by the run
// that wants the image: it finds it missing, and asks again.
import { catchError, distinct, EMPTY, filter, from, ignoreElements, map, mergeMap, takeUntil } from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { pullsAhead } from '../../engine/wanted/pulls.ts';
import type { ComposeSpec } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { Ports } from '../../model/ports.ts';
import { abortable } from '../../operators/abortable.ts';
import { pulledAhead } from '../../update/compose/image.ts';

export const pulls: Feed<Ports> = {
  name: 'pulls',
  run: (state$, ports) =>
    state$.pipe(
      map(pullsAhead),
      mergeMap((specs) => from(specs)),
      distinct(({ image, config: { platform = '' } }) => `${image} ${platform}`),
      // Once begun it goes on when its service may start: that one waits for the same pull.
      mergeMap((spec) => pull(spec, ports), limits.pullsAhead),
      takeUntil(state$.pipe(filter(({ phase }) => phase !== 'up' && phase !== 'starting'))),
    ),
};

const pull = (spec: ComposeSpec, ports: Ports) =>
  abortable((stop) => pulledAhead(spec, ports, stop)).pipe(
    catchError(() => EMPTY),
    ignoreElements(),
  );
