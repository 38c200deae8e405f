// A new image without a builder: the last one with files of its last COPYs exchanged, in its registry, as Jib and ko put theirs there.
// A build would make the same layers; where it might not, this declines, and the build is made.
import { concatMap, type Observable, of } from 'rxjs';
import { notExchangeable } from '../../../model/builds/exchangeable.ts';
import { limits } from '../../../model/limits.ts';
import type { Ports } from '../../../model/ports.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import type { BuiltImage, ImageWork, KubeWork, RunEvent, Work } from '../../../model/run.ts';
import { timeoutSignal } from '../../../operators/promises/timeout-signal.ts';
import { bringUp } from '../../bring-up.ts';
import { restartsProcess } from '../../live/supervisor.ts';
import { type Declined, declined } from '../../live/transport.ts';
import type { Claim, Strategy } from '../../strategy.ts';
import { strategyRun } from '../../strategy-run.ts';
import { type ImageMaking, tell } from '../build-scope.ts';
import type { BuildInput } from '../known/input-digest.ts';
import type { ImageCache } from '../known/known-images.ts';
import { isUsedFromRegistry } from '../known/whereabouts.ts';
import { type Made, type Maker, madeBy, type NewImage, remember, tellKnown } from '../maker.ts';
import { destinationFor, repositoryOf, withoutTag } from '../registry.ts';
import type { BuiltInputs } from './built-inputs.ts';
import { exchanged, needsBuilder } from './image.ts';
import { KeptLayers } from './kept-layers.ts';

const name = 'files exchanged in the last image';

/** `inputs`: what the images of this session were made of, as builds have noted it. */
export function exchangeStrategy(cacheOf: (ports: Ports) => ImageCache, inputs: BuiltInputs): Strategy {
  const kept = new KeptLayers();
  return {
    name,
    claim: (work) => refusal(work) ?? { take: true },
    run: (work, stop, ports) =>
      exchangeThenDeploy(work as KubeWork, stop, ports, { cache: cacheOf(ports), inputs, kept }),
  };
}

interface Tools {
  readonly cache: ImageCache;
  readonly inputs: BuiltInputs;
  readonly kept: KeptLayers;
}

const no = (because: string): Claim => ({ take: false, because, show: 'debug' });

/** Null where it may be tried. */
function refusal(work: Work): Claim | null {
  if (work.kind !== 'kubernetes') return no('its containers are made of what Docker has');
  if (work.updateMode !== 'auto' && work.updateMode !== 'image') return no(`--update-mode is ${work.updateMode}`);
  if (work.deployed === null || work.force) return no('asked for, or not deployed yet');
  if (work.half === 'deploy') return no('its images are built');
  if (work.cause !== 'files' && work.cause !== 'crash' && work.cause !== 'trigger')
    return no('more than files changed');
  const { delivery } = work.kubernetes;
  if (delivery === 'load' || delivery === 'shared') return no('its images are in no registry');
  const changed = work.images.filter(({ files }) => files.length > 0);
  if (changed.length === 0) return no('no file changed');
  for (const image of changed) {
    const because = refusalOf(image, work);
    if (because !== null) return no(because);
  }
  return null;
}

function refusalOf({ spec, last }: ImageWork, { images }: KubeWork): string | null {
  const { ref } = spec;
  const because = notExchangeable(spec, last);
  if (because !== null) return because;
  if (restartsProcess(spec) && last?.hasShell === undefined) return `it is not known how ${ref} starts`;
  if (images.some((other) => other.spec.bases.includes(ref))) return `other images are built from ${ref}`;
  return null;
}

function exchangeThenDeploy(work: KubeWork, stop: AbortSignal, ports: Ports, tools: Tools): Observable<RunEvent> {
  const made: BuiltImage[] = [];
  let isNew = false;
  return strategyRun(stop, async (say, signal) => {
    const changed = work.images.filter(({ files }) => files.length > 0);
    // What the Dockerfile alone tells is told before anything is asked.
    const before = new Map<ImageWork, BuildInput>();
    for (const image of changed) {
      const found = inputBefore(image, tools.inputs);
      if ('is' in found) return found;
      before.set(image, found);
    }
    // Its builder is none: it has been pushed before, and goes to the same place.
    const destination = await destinationFor(work, null, ports, signal);
    const done = new Map(work.images.flatMap(({ spec, last }) => (last ? [[spec.ref, last] as const] : [])));
    const making: ImageMaking = { work, destination, ports, say, stop: signal, done, ...tools };
    for (const [image, input] of before) {
      const one = await oneMade(image, input, making, tools.kept);
      if ('is' in one) return one;
      isNew ||= one.isNew;
      made.push(one.image);
      say.built(one.image);
    }
    return { is: 'ok', result: { strategy: name, images: made, deployed: null, ledgers: {}, unchanged: false } };
  }).pipe(
    concatMap((event) =>
      event.is === 'ended' && event.outcome.is === 'ok'
        ? bringUp(work, made, stop, ports, isNew ? name : 'deploy')
        : of(event),
    ),
  );
}

function inputBefore(image: ImageWork, inputs: BuiltInputs): BuildInput | Declined {
  const { spec, last, files } = image;
  const before = inputs.of(spec.ref, last!.id);
  if (before === null) return declined(`what the last ${spec.ref} was made of is not known`);
  const { build } = spec;
  const root = build.is === 'dockerfile' ? `${build.context}/` : '';
  const paths = files.flatMap(({ path }) => (path.startsWith(root) ? [path.slice(root.length)] : []));
  const because = needsBuilder(spec, before.dockerfileText, paths);
  return because === null ? before : declined(because);
}

/** Thrown out of the making of an image, which knows no declining. */
class NotExchanged extends Error {}

async function oneMade(
  image: ImageWork,
  before: BuildInput,
  making: ImageMaking,
  kept: KeptLayers,
): Promise<Made | Declined> {
  const { destination, ports, stop } = making;
  const { ref } = image.spec;
  const last = image.last!;
  const name = repositoryOf(ref, destination.host);
  if (destination.unknown !== null || withoutTag(last.tagged) !== name)
    return declined(`the last ${ref} went to another place`);
  const registry = await ports.registry();
  const at = registry.open(name);
  const signal = AbortSignal.any([stop, timeoutSignal(limits.exchangeMs)]);
  const maker: Maker = {
    does: 'exchange',
    isThere: async (known: BuiltImage): Promise<boolean> => {
      if (!isUsedFromRegistry(image.spec, known, destination, false)) throw new NotExchanged(`${ref} was built before`);
      return (await registry.has(known.tagged, stop)) === true;
    },
    build: async (now: BuildInput): Promise<NewImage> => {
      const { disk } = ports;
      const one = await exchanged({
        image,
        last,
        before,
        now,
        name,
        at,
        kept,
        disk,
        created: ports.now(),
        stop: signal,
      });
      if (one.is === 'declined') throw new NotExchanged(one.because);
      tell(making, 'info', `${ref}: ${one.count} ${one.count === 1 ? 'file' : 'files'} exchanged, pushed ${one.tag}`);
      return one.image;
    },
  };
  try {
    const made = await madeBy(maker, image, making);
    if (made.isNew) await remember(made.image, making);
    else tellKnown(made.image, making);
    return made;
  } catch (error) {
    stop.throwIfAborted();
    if (error instanceof NotExchanged || isProblemError(error)) return declined(error.message);
    if (signal.aborted) return declined(`its registry took longer than ${limits.exchangeMs / 1_000} s`);
    throw error;
  } finally {
    at.close();
  }
}
