// One image by a BuildKit that is no part of Docker's daemon: built and pushed in one, and named by its digest from then on.
import { lastValueFrom, tap } from 'rxjs';
import { builderName } from '../../../model/builder.ts';
import { basesOf } from '../../../model/dockerfile.ts';
import { imageOf } from '../../../model/manifests.ts';
import type { RemoteBuild, RemoteEvent } from '../../../model/ports/builder.ts';
import { type Problem, ProblemError } from '../../../model/problem.ts';
import type { BuiltImage, ImageWork } from '../../../model/run.ts';
import { restartsProcess, shell } from '../../live/supervisor.ts';
import { fromContext, inputFor, type Made, remember } from '../build.ts';
import { buildLog } from '../build-log.ts';
import { type ImageBuilding, tell } from '../build-scope.ts';
import type { BuildInput } from '../input-digest.ts';
import { isPrivate } from '../private-host.ts';
import { inCluster, inPods, repositoryOf } from '../registry.ts';
import { refuseUnasked } from '../unasked-push.ts';
import { withBuilder } from './choice.ts';
import { located, requestOf, tellSize } from './docker-build.ts';

/** Pushed also where it is only a base of others: that is where they take it from. */
export async function buildRemotely(image: ImageWork, building: ImageBuilding): Promise<Made> {
  const { spec } = image;
  const { ref } = spec;
  const { destination } = building;
  refuseUnasked(ref, destination);
  building.say.step(`build ${ref}`);
  const repository = repositoryOf(ref, destination.host);
  const input = await inputFor(image, building);
  const known =
    building.work.force || input.isMoving ? null : await stillThere(ref, input.digest, repository, building);
  const made = known ?? (await built(image, input, repository, building));
  const result = { ...made, inCluster: inCluster(made.tagged, destination), change: building.work.change };
  if (known) tell(building, 'info', `${ref}: unchanged, ${made.tagged} is used again`);
  else if (result.inputDigest !== '') await remember(result, building);
  return { image: result, isNew: known === null };
}

/** Where its registry does not tell, the builder is asked: it has kept every step. */
async function stillThere(
  ref: string,
  digest: string,
  repository: string,
  building: ImageBuilding,
): Promise<BuiltImage | null> {
  const known = await building.cache.find(ref, digest, repository);
  if (!known || known.pushed === null) return null;
  const registry = await building.ports.registry();
  return (await registry.has(known.tagged, building.stop)) === true ? known : null;
}

async function built(
  image: ImageWork,
  input: BuildInput,
  repository: string,
  building: ImageBuilding,
): Promise<BuiltImage> {
  const { ref } = image.spec;
  const { digest, start } = await fromContext(image, input, building, (seen) =>
    solved(image, seen, repository, building),
  );
  // What was saved while the build read its files may be in it or not: such an image stands for no input.
  const isSame = (await inputFor(image, building)).digest === input.digest;
  const tagged = `${repository}@${digest}`;
  return {
    ref,
    id: digest,
    tagged,
    inCluster: tagged,
    pushed: digest,
    inputDigest: isSame && !input.isMoving ? input.digest : '',
    ...(start ? { hasShell: start.found, start: { entrypoint: start.entrypoint, cmd: start.cmd } } : {}),
    change: 0,
    layers: 0,
  };
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
