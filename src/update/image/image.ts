// From scratch: every image of the resource built in order and once, then deployed. Takes anything a cluster runs.
import { concatMap, type Observable, of } from 'rxjs';
import type { Ports } from '../../model/ports.ts';
import type { BuiltImage, KubeWork, RunEvent } from '../../model/run.ts';
import { deployImages } from '../deploy/deploy.ts';
import { usedImages } from '../deploy/injection.ts';
import { running } from '../from-async.ts';
import type { Strategy } from '../strategy.ts';
import { buildImage } from './build.ts';
import type { ImageCache } from './known-images.ts';
import { destinationOf } from './registry.ts';

export function imageStrategy(cacheOf: (ports: Ports) => ImageCache): Strategy {
  return {
    name: 'full build',
    claim: (work) =>
      work.kind === 'kubernetes'
        ? { take: true }
        : { take: false, because: 'not deployed to a cluster', show: 'debug' },
    run: (work, stop, ports) => buildThenDeploy(work as KubeWork, stop, ports, cacheOf(ports)),
  };
}

function buildThenDeploy(work: KubeWork, stop: AbortSignal, ports: Ports, cache: ImageCache): Observable<RunEvent> {
  const built: BuiltImage[] = [];
  let isNew = false;
  return running(stop, async (say, signal) => {
    const kube = await ports.kube();
    const wanted = work.images.filter(({ spec }) => spec.build.is !== 'elsewhere');
    if (wanted.length > 0) {
      const docker = await ports.docker();
      const destination = await destinationOf(work, kube, await docker.info(signal), signal);
      const used = usedImages(work);
      const done = new Map<string, BuiltImage>();
      for (const image of wanted) {
        const one = await buildImage(image, used.has(image.spec.ref), {
          work,
          docker,
          destination,
          cache,
          ports,
          say,
          stop: signal,
          done,
        });
        isNew ||= one.isNew;
        done.set(image.spec.ref, one.image);
        built.push(one.image);
        say.built(one.image);
      }
    }
    return {
      is: 'ok',
      result: { strategy: 'full build', images: built, deployed: null, ledgers: {}, unchanged: false },
    };
  }).pipe(
    concatMap((event) =>
      event.is === 'ended' && event.outcome.is === 'ok'
        ? deployImages(work, built, stop, ports, isNew ? 'full build' : 'deploy')
        : of(event),
    ),
  );
}
