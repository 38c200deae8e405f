// From scratch: every image of the resource built once, side by side where none needs another, then deployed. Takes anything
// that runs in containers.
import { concatMap, type Observable, of } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { BuiltImage, ContainersWork, ImageWork, RunEvent } from '../../model/run.ts';
import { isRemote } from '../../model/who-builds.ts';
import { bringUp } from '../bring-up.ts';
import { usedImages } from '../deploy/injection.ts';
import { running } from '../running.ts';
import type { Strategy } from '../strategy.ts';
import { buildImage } from './build.ts';
import { buildRemotely } from './builder/remote-build.ts';
import type { ImageCache } from './known-images.ts';
import { destinationFor } from './registry.ts';
import { Places, sideBySide } from './side-by-side.ts';

export function imageStrategy(cacheOf: (ports: Ports) => ImageCache): Strategy {
  const places = new Places();
  return {
    name: 'full build',
    claim: (work) =>
      work.kind === 'local' ? { take: false, because: 'it runs in no container', show: 'debug' } : { take: true },
    run: (work, stop, ports) => buildThenDeploy(work as ContainersWork, stop, ports, cacheOf(ports), places),
  };
}

function buildThenDeploy(
  work: ContainersWork,
  stop: AbortSignal,
  ports: Ports,
  cache: ImageCache,
  places: Places,
): Observable<RunEvent> {
  const ahead = builtBefore(work);
  if (ahead) return bringUp(work, ahead, stop, ports, 'deploy');
  const built: BuiltImage[] = [];
  let isNew = false;
  return running(stop, async (say, signal) => {
    const wanted = work.images.filter(({ spec }) => spec.build.is !== 'elsewhere');
    // Containers of this machine are made from what its own Docker has.
    const isOut = ({ spec }: ImageWork): boolean => work.kind === 'kubernetes' && isRemote(spec.build);
    const docker = wanted.every(isOut) ? null : await ports.docker();
    const used = work.kind === 'compose' ? new Set([work.spec.image]) : usedImages(work);
    const done = new Map<string, BuiltImage>();
    const part = (image: ImageWork) => ({ name: image.spec.ref, from: image.spec.bases, image });
    await sideBySide(wanted.map(part), signal, async ({ image }, stopped) => {
      const destination = await destinationFor(work, isOut(image) ? null : docker, ports, stopped);
      const building = { work, docker: docker as DockerPort, destination, cache, ports, say, stop: stopped, done };
      const one = await places.during(work.parallel ?? limits.parallel, stopped, () =>
        isOut(image) ? buildRemotely(image, building) : buildImage(image, used.has(image.spec.ref), building),
      );
      isNew ||= one.isNew;
      done.set(image.spec.ref, one.image);
      built.push(one.image);
      say.built(one.image);
    });
    return {
      is: 'ok',
      result: { strategy: 'full build', images: built, deployed: null, ledgers: {}, unchanged: false },
    };
  }).pipe(
    concatMap((event) =>
      event.is === 'ended' && event.outcome.is === 'ok'
        ? bringUp(work, built, stop, ports, isNew ? 'full build' : 'deploy')
        : of(event),
    ),
  );
}

/** The images of a run whose first half has built them, null where it has to do so itself. */
function builtBefore({ half, images }: ContainersWork): readonly BuiltImage[] | null {
  if (half !== 'deploy') return null;
  const made = images.filter(({ spec }) => spec.build.is !== 'elsewhere').map(({ last }) => last);
  return made.every((image) => image !== null) ? made : null;
}
