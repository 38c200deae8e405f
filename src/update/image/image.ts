// From scratch: every image of the resource built in order and once, then deployed. Takes anything a cluster runs.
import { concatMap, type Observable, of } from 'rxjs';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { BuiltImage, ContainersWork, ImageWork, RunEvent } from '../../model/run.ts';
import { isRemote } from '../../model/who-builds.ts';
import { bringUp } from '../bring-up.ts';
import { usedImages } from '../deploy/injection.ts';
import { running } from '../from-async.ts';
import type { Strategy } from '../strategy.ts';
import { buildImage } from './build.ts';
import type { ImageCache } from './known-images.ts';
import { destinationFor } from './registry.ts';
import { buildRemotely } from './remote-build.ts';

export function imageStrategy(cacheOf: (ports: Ports) => ImageCache): Strategy {
  return {
    name: 'full build',
    claim: (work) =>
      work.kind === 'local' ? { take: false, because: 'it runs in no container', show: 'debug' } : { take: true },
    run: (work, stop, ports) => buildThenDeploy(work as ContainersWork, stop, ports, cacheOf(ports)),
  };
}

function buildThenDeploy(
  work: ContainersWork,
  stop: AbortSignal,
  ports: Ports,
  cache: ImageCache,
): Observable<RunEvent> {
  const built: BuiltImage[] = [];
  let isNew = false;
  return running(stop, async (say, signal) => {
    const wanted = work.images.filter(({ spec }) => spec.build.is !== 'elsewhere');
    // Containers of this machine are made from what its own Docker has.
    const isOut = ({ spec }: ImageWork): boolean => work.kind === 'kubernetes' && isRemote(spec.build);
    const docker = wanted.every(isOut) ? null : await ports.docker();
    const used = work.kind === 'compose' ? new Set([work.spec.image]) : usedImages(work);
    const done = new Map<string, BuiltImage>();
    for (const image of wanted) {
      const destination = await destinationFor(work, isOut(image) ? null : docker, ports, signal);
      const building = { work, docker: docker as DockerPort, destination, cache, ports, say, stop: signal, done };
      const one = isOut(image)
        ? await buildRemotely(image, building)
        : await buildImage(image, used.has(image.spec.ref), building);
      isNew ||= one.isNew;
      done.set(image.spec.ref, one.image);
      built.push(one.image);
      say.built(one.image);
    }
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
