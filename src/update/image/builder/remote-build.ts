// One image by a BuildKit that is no part of Docker's daemon: built and pushed in one, and named by its digest from then on.
import { lastValueFrom, tap } from 'rxjs';
import { builderName } from '../../../model/builds/builder.ts';
import { basesOf } from '../../../model/dockerfile.ts';
import { isPrivate } from '../../../model/hosts/private-host.ts';
import { imageOf } from '../../../model/manifests.ts';
import type { RemoteBuild, RemoteEvent } from '../../../model/ports/builder.ts';
import { type Problem, ProblemError } from '../../../model/problems/problem.ts';
import type { BuiltImage, ImageWork } from '../../../model/run.ts';
import { restartsProcess, shell } from '../../live/supervisor.ts';
import { type ImageBuilding, tell } from '../build-scope.ts';
import type { BuildInput } from '../known/input-digest.ts';
import { fromContext, type Made, type Maker, madeBy, type NewImage, remember, tellKnown } from '../maker.ts';
import { buildLog } from '../progress/build-log.ts';
import { inPods } from '../registry.ts';
import { refuseUnasked } from '../unasked-push.ts';
import { withBuilder } from './choice.ts';
import { located, requestOf, tellSize } from './docker-build.ts';

/** Pushed also where it is only a base of others: that is where they take it from. */
export async function buildRemotely(image: ImageWork, building: ImageBuilding): Promise<Made> {
  refuseUnasked(image.spec.ref, building.destination);
  const maker: Maker = {
    does: 'build',
    isThere: (known: BuiltImage) => isInRegistry(known, building),
    build: (input: BuildInput, repository: string) => built(image, input, repository, building),
  };
  const made = await madeBy(maker, image, building);
  if (made.isNew) await remember(made.image, building);
  else tellKnown(made.image, building);
  return made;
}

/** Where its registry does not tell, the builder is asked: it has kept every step. */
async function isInRegistry({ pushed, tagged }: BuiltImage, { ports, stop }: ImageBuilding): Promise<boolean> {
  return pushed !== null && (await (await ports.registry()).has(tagged, stop)) === true;
}

async function built(
  image: ImageWork,
  input: BuildInput,
  repository: string,
  building: ImageBuilding,
): Promise<NewImage> {
  const { digest, start } = await fromContext(image, input, building, (seen) =>
    solved(image, seen, repository, building),
  );
  const starts = start ? { hasShell: start.found, start: { entrypoint: start.entrypoint, cmd: start.cmd } } : {};
  return { id: digest, tagged: `${repository}@${digest}`, pushed: digest, ...starts };
}

type Pushed = Extract<RemoteEvent, { is: 'pushed' }>;

async function solved(
  image: ImageWork,
  input: BuildInput,
  repository: string,
  building: ImageBuilding,
): Promise<Pushed> {
  const { build, ref } = image.spec;
  if (build.is !== 'dockerfile' || !build.builder) throw new Error(`${ref} has no builder of its own`);
  tellSize(image, input, building);
  const isInside = build.builder.is === 'cluster';
  const seenAs = (tagged: string): string => (isInside ? inPods(tagged, building.destination) : tagged);
  // A registry that forgets what has no name keeps what was built last from each input.
  const name = seenAs(`${repository}:sluice-${input.digest.slice(0, 16)}`);
  const request: RemoteBuild = {
    ...requestOf(image, input, building),
    options: { ...build.options, contexts: { ...build.options?.contexts, ...basesIn(image, input, building, seenAs) } },
    push: { name, insecure: isPrivate(name.split('/')[0] ?? '') },
    // The stage that it would be asked of is not known where the Dockerfile is elsewhere.
    look: restartsProcess(image.spec) && input.dockerfileText !== '' ? shell : null,
  };
  const log = buildLog(building);
  try {
    const last = await withBuilder(build.builder, ref, building, (builder) =>
      lastValueFrom(
        builder.build(request, building.stop).pipe(tap((event) => event.is !== 'pushed' && log.tell(event))),
      ),
    );
    if (last.is !== 'pushed') throw new Error('the build ended without an image');
    tell(building, 'info', `${ref}: pushed ${name} by ${builderName(build.builder)}`);
    return last;
  } catch (error) {
    throw located(error, image, input);
  } finally {
    log.end();
  }
}

/** What FROM and --from name of our own images, as the builder pulls them. */
function basesIn(
  { spec }: ImageWork,
  input: BuildInput,
  building: ImageBuilding,
  seenAs: (tagged: string) => string,
): Readonly<Record<string, string>> {
  if (spec.build.is !== 'dockerfile' || spec.bases.length === 0) return {};
  const { args, target, platform, options = {} } = spec.build;
  const told = Object.entries(options.contexts ?? {}).flatMap(([name, value]) =>
    value.startsWith('docker-image://') ? [{ name, image: value.slice('docker-image://'.length) }] : [],
  );
  const named = basesOf(input.dockerfileText, { args, target, platform, everyStage: true }).map(({ image }) => ({
    name: familiar(image),
    image,
  }));
  const ours = [...named, ...told].flatMap(({ name, image }) => {
    const base = imageOf(image, spec.bases);
    const made = base === null ? undefined : building.done.get(base);
    if (base !== null && !made?.pushed) throw new ProblemError(otherBuilder(spec.ref, base, spec.at));
    return made ? [[name, `docker-image://${seenAs(made.tagged)}`] as const] : [];
  });
  return Object.fromEntries(ours);
}

/** As BuildKit looks a name up. */
const familiar = (name: string): string => name.replace(/^docker\.io\/(library\/)?/, '').replace(/:latest$/, '');

const otherBuilder = (ref: string, base: string, at: Problem['at']): Problem => ({
  kind: 'yours',
  code: 'S265',
  what: `${ref} is built from ${base}, which its builder cannot pull: nothing pushed it`,
  hint: `let one builder build both: builder: … of ${base}`,
  ...(at ? { at } : {}),
});
