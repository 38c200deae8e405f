// From scratch: every image of the resource built once, side by side where none needs another, then deployed. Takes anything
// that runs in containers.
import { concatMap, type Observable, of } from 'rxjs';
import { isRemote } from '../../model/builds/who-builds.ts';
import { limits } from '../../model/limits.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { BuiltImage, ContainersWork, ImageWork, RunEvent } from '../../model/run.ts';
import { bringUp } from '../bring-up.ts';
import { usedImages } from '../deploy/injection.ts';
import type { Strategy } from '../strategy.ts';
import { strategyRun } from '../strategy-run.ts';
import { buildImage } from './build.ts';
import type { ImageBuilding } from './build-scope.ts';
import { buildRemotely } from './builder/remote-build.ts';
import { BuiltInputs } from './exchange/built-inputs.ts';
import type { ImageCache } from './known/known-images.ts';
import { RecentImages } from './known/recent-images.ts';
import type { Made } from './maker.ts';
import { Places, sideBySide } from './side-by-side.ts';

/** `inputs`: where is noted what each image was made of. */
export function imageStrategy(cacheOf: (ports: Ports) => ImageCache, inputs = new BuiltInputs()): Strategy {
  const shared: Shared = { places: new Places(), recent: new RecentImages(), inputs };
  return {
    name: 'full build',
    claim: (work) =>
      work.kind === 'local' ? { take: false, because: 'it runs in no container', show: 'debug' } : { take: true },
    run: (work, stop, ports) => buildThenDeploy(work as ContainersWork, stop, ports, cacheOf(ports), shared),
  };
}

/** Among the runs of a session. */
interface Shared {
  readonly places: Places;
  readonly recent: RecentImages;
  readonly inputs: BuiltInputs;
}

function buildThenDeploy(
  work: ContainersWork,
  stop: AbortSignal,
  ports: Ports,
  cache: ImageCache,
  shared: Shared,
): Observable<RunEvent> {
  const ahead = builtBefore(work);
  if (ahead) return bringUp(work, ahead, stop, ports, 'deploy');
  const built: BuiltImage[] = [];
  let isNew = false;
  return strategyRun(stop, async (say, signal) => {
    const wanted = work.images.filter(({ spec }) => spec.build.is !== 'elsewhere');
    // Containers of this machine are made from what its own Docker has.
    const isOut = ({ spec }: ImageWork): boolean => work.kind === 'kubernetes' && isRemote(spec.build);
    const docker = wanted.every(isOut) ? null : await ports.docker();
    const used = work.kind === 'compose' ? new Set([work.spec.image]) : usedImages(work);
    const done = new Map<string, BuiltImage>();
    const part = (image: ImageWork) => ({ name: image.spec.ref, from: image.spec.bases, image });
    await sideBySide(wanted.map(part), signal, async ({ image }, stopped) => {
      const isDeployed = used.has(image.spec.ref);
      const known = isDeployed ? reused(shared.recent.of(image, work), work, ports) : null;
      const { inputs } = shared;
      const scope = { work, docker: docker as DockerPort, cache, inputs, ports, say, stop: stopped, done };
      const one = known ?? (await made(image, { isOut: isOut(image), isDeployed }, scope, shared));
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

/** As another run has found it. */
function reused(image: BuiltImage | null, { resource, run }: ContainersWork, { logs, now }: Ports): Made | null {
  if (image === null) return null;
  logs.line(
    { resource, source: 'build', run },
    'info',
    `${image.ref}: unchanged, ${image.tagged} is used again`,
    now(),
  );
  return { image, isNew: false };
}

/** In its turn. */
async function made(
  image: ImageWork,
  { isOut, isDeployed }: { readonly isOut: boolean; readonly isDeployed: boolean },
  scope: Omit<ImageBuilding, 'destination'>,
  { places, recent }: Shared,
): Promise<Made> {
  const { work, docker, ports, stop } = scope;
  const building = { ...scope, destination: await recent.destination(work, isOut ? null : docker, ports, stop) };
  const one = await places.during(work.parallel ?? limits.parallel, stop, () =>
    isOut ? buildRemotely(image, building) : buildImage(image, isDeployed, building),
  );
  if (isDeployed) recent.note(image, work, one.image);
  return one;
}
