// One image: nothing when its input is unchanged and the daemon still has it, else a build, a tag from its content, a push.
import { hasCode, problemOf } from '../../model/problem.ts';
import { problemCodes } from '../../model/problem-codes.ts';
import type { BuiltImage, ImageWork } from '../../model/run.ts';
import { hasShell, restartsProcess } from '../live/supervisor.ts';
import { type ImageBuilding, tell } from './build-scope.ts';
import { byCommand } from './builder/command-build.ts';
import { byDocker } from './builder/docker-build.ts';
import { type BuildInput, inputOf } from './input-digest.ts';
import { deliver, inCluster, isDelivered, repositoryOf, tagOf } from './registry.ts';
import { refuseUnasked } from './unasked-push.ts';

export interface Made {
  readonly image: BuiltImage;
  /** False: the one of an earlier build, its input being the same. */
  readonly isNew: boolean;
}

/** `isDeployed`: false for an image that is only a base of others; it is built but not pushed. */
export async function buildImage(image: ImageWork, isDeployed: boolean, building: ImageBuilding): Promise<Made> {
  const { spec } = image;
  if (isDeployed) refuseUnasked(spec.ref, building.destination);
  building.say.step(`build ${spec.ref}`);
  const repository = repositoryOf(spec.ref, building.destination.host);
  const input = await inputFor(image, building);
  const known =
    building.work.force || input.isMoving ? null : await stillThere(spec.ref, input.digest, repository, building);
  const made = known ?? (await built(image, input, repository, building));
  // FROM in a Dockerfile names a base by its plain reference; another branch's build may have it now.
  if (building.work.images.some((other) => other.spec.bases.includes(spec.ref)))
    await building.docker.tag(made.id, spec.ref);
  // What keeps it from arriving must not have it built again.
  if (!known && made.inputDigest !== '') await remember(made, building);
  const pushed = isDeployed ? await delivered(made, known !== null, building) : made.pushed;
  const result = {
    ...made,
    pushed,
    inCluster: inCluster(made.tagged, building.destination),
    change: building.work.change,
  };
  if (known) tell(building, 'info', `${spec.ref}: unchanged, ${made.tagged} is used again`);
  if (result.inputDigest !== '' && made.pushed !== pushed) await remember(result, building);
  return { image: result, isNew: known === null };
}

export const inputFor = ({ spec }: ImageWork, building: ImageBuilding): Promise<BuildInput> =>
  inputOf(
    spec,
    spec.bases.map((ref) => building.done.get(ref)?.id ?? ''),
    building.ports.disk,
    building.stop,
  );

/** Remembered, and not removed from the daemon since. */
async function stillThere(
  ref: string,
  digest: string,
  repository: string,
  building: ImageBuilding,
): Promise<BuiltImage | null> {
  const known = await building.cache.find(ref, digest, repository);
  const there = known && (await building.docker.image(known.id));
  if (!known || !there) return null;
  if (!there.tags.includes(known.tagged)) await building.docker.tag(known.id, known.tagged);
  return known;
}

async function built(
  image: ImageWork,
  input: BuildInput,
  repository: string,
  building: ImageBuilding,
): Promise<BuiltImage> {
  const id =
    image.spec.build.is === 'command'
      ? await byCommand(image, repository, building)
      : await fromContext(image, input, building, (seen) => byDocker(image, seen, building));
  const tagged = `${repository}:${tagOf(id)}`;
  await building.docker.tag(id, tagged);
  // What was saved while the build read its files may be in it or not: such an image stands for no input.
  const isSame = (await inputFor(image, building)).digest === input.digest;
  const inputDigest = isSame && !input.isMoving ? input.digest : '';
  const shell = restartsProcess(image.spec) ? { hasShell: await hasShell(id, building.docker, building.stop) } : {};
  const { ref } = image.spec;
  return { ref, id, tagged, inCluster: tagged, pushed: null, inputDigest, ...shell, change: 0, layers: 0 };
}

/** A file that vanishes between listing and packing (a temporary file of an editor or a compiler) gets one more listing. */
export async function fromContext<T>(
  image: ImageWork,
  input: BuildInput,
  building: ImageBuilding,
  build: (input: BuildInput) => Promise<T>,
): Promise<T> {
  try {
    return await build(input);
  } catch (error) {
    if (!hasCode(error, problemCodes.changedWhilePacked)) throw error;
    tell(building, 'warn', `${image.spec.ref}: ${error.problem.what}; listed again`);
    return build(await inputFor(image, building));
  }
}

async function delivered(image: BuiltImage, isKnown: boolean, building: ImageBuilding): Promise<string | null> {
  const { pushed, tagged } = image;
  if (
    isKnown &&
    pushed !== null &&
    building.destination.push &&
    (await isDelivered(tagged, building.docker, building.stop))
  )
    return pushed;
  return deliver(tagged, building);
}

/** The next session builds again where this fails; the image itself is well. */
export async function remember(image: BuiltImage, building: ImageBuilding): Promise<void> {
  await building.cache.remember(image).catch((error: unknown) => tell(building, 'warn', problemOf(error).what));
}
