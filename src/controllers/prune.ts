// Images of ours pile up with every build: old ones go, while nothing builds, only those labelled as ours and of this project.
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  ignoreElements,
  map,
  type Observable,
  switchMap,
  timer,
  withLatestFrom,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { mayPrune } from '../engine/wanted/prune.ts';
import type { Fact } from '../model/fact.ts';
import { imageRefLabel } from '../model/labels.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import type { EngineState } from '../model/state.ts';
import { oldTags } from '../update/image/known/old-images.ts';

export const prune: Feed<Pick<Ports, 'docker' | 'now'>> = {
  name: 'prune',
  run: (state$, ports) =>
    state$.pipe(
      map(mayPrune),
      distinctUntilChanged(),
      // After the first build, then hourly; a build that begins ends it.
      switchMap((isQuiet) => (isQuiet ? timer(limits.pruneAfterMs, limits.pruneEveryMs) : EMPTY)),
      withLatestFrom(state$),
      exhaustMap(([, state]) => remove(state, ports)),
    ),
};

function remove(state: EngineState, ports: Pick<Ports, 'docker' | 'now'>): Observable<Fact> {
  return defer(async () => {
    const docker = await ports.docker();
    // An image that a container still uses stays: the next round tries again.
    for (const tag of oldTags(await docker.images(imageRefLabel), state, ports.now()))
      await docker.removeImage(tag).catch(() => {});
  }).pipe(
    catchError(() => EMPTY),
    ignoreElements(),
  );
}
