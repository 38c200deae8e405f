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
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import type { EngineState } from '../model/state.ts';
import { isBuiltFor, isGivenTag, refLabel } from '../update/image/labels.ts';
import { isStranded } from '../update/image/temporary-tag.ts';

export const prune: Feed<Pick<Ports, 'docker' | 'now'>> = {
  name: 'prune',
  run: (state$, ports) =>
    state$.pipe(
      map(
        (state) => state.isIdle && state.docker.ok && Object.values(state.images).some((image) => image.last !== null),
      ),
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
    for (const tag of oldTags(await docker.images(refLabel), state, ports.now()))
      await docker.removeImage(tag).catch(() => {});
  }).pipe(
    catchError(() => EMPTY),
    ignoreElements(),
  );
}

type Images = Awaited<ReturnType<Awaited<ReturnType<Ports['docker']>>['images']>>;

/** Names to take away: all of images that are old, and those a session that died had given for a while. */
export const oldTags = (images: Images, state: EngineState, now: number): readonly string[] => [
  ...old(images, state, now).flatMap(({ tags }) => tags.filter(isGivenTag)),
  ...images.flatMap(({ tags }) => tags.filter((tag) => isStranded(tag, now))),
];

/** Per reference of this project: all but the newest few and the one in use, older than limits.imageAgeMs. */
export function old(images: Images, state: EngineState, now: number): Images {
  const project = state.config.current?.project;
  if (!project) return [];
  const inUse = new Set(Object.values(state.images).map((image) => image.last?.id));
  return Object.keys(state.images).flatMap((ref) =>
    images
      .filter(({ labels }) => isBuiltFor(labels, ref, project))
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(limits.imagesKept)
      .filter((image) => !inUse.has(image.id) && now - image.createdAt > limits.imageAgeMs),
  );
}
