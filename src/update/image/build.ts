// One image: nothing when its input is unchanged and the daemon still has it, else a build, a tag from its content, a push.
import { isProblemError, problemOf } from '../../model/problem.ts';
import type { BuiltImage, ImageWork } from '../../model/run.ts';
import { hasShell, restartsProcess } from '../live/supervisor.ts';
import { type ImageBuilding, tell } from './build-scope.ts';
import { byCommand } from './command-build.ts';
import { byDocker } from './docker-build.ts';
import { type BuildInput, inputOf } from './input-digest.ts';
import { deliver, inCluster, isDelivered, repositoryOf, tagOf } from './registry.ts';
import { refuseUnasked } from './unasked-push.ts';

export interface Made {
  readonly image: BuiltImage;
  /** False: the one of an earlier build, its input being the same. */
  readonly isNew: boolean;
}

/** `isDeployed`: false for an image that is only a base of others; it is built but not pushed. */
export async function buildImage(image: ImageWork, isDeployed: boolean, it: ImageBuilding): Promise<Made> {
  const { spec } = image;
  if (isDeployed) refuseUnasked(spec.ref, it.destination);
  it.say.step(`build ${spec.ref}`);
  const repository = repositoryOf(spec.ref, it.destination.host);
  const input = await inputFor(image, it);
  const known = it.work.force ? null : await stillThere(spec.ref, input.digest, repository, it);
  const made = known ?? (await built(image, input, repository, it));
  // FROM in a Dockerfile names a base by its plain reference; another branch's build may have it now.
  if (it.work.images.some((other) => other.spec.bases.includes(spec.ref))) await it.docker.tag(made.id, spec.ref);
  // What keeps it from arriving must not have it built again.
  if (!known && made.inputDigest !== '') await remember(made, it);
  const pushed = isDeployed ? await delivered(made, known !== null, it) : made.pushed;
  const result = { ...made, pushed, inCluster: inCluster(made.tagged, it.destination), change: it.work.change };
  if (known) tell(it, 'info', `${spec.ref}: unchanged, ${made.tagged} is used again`);
  if (result.inputDigest !== '' && made.pushed !== pushed) await remember(result, it);
  return { image: result, isNew: known === null };
}

const inputFor = ({ spec }: ImageWork, it: ImageBuilding): Promise<BuildInput> =>
  inputOf(
    spec,
    spec.bases.map((ref) => it.done.get(ref)?.id ?? ''),
    it.ports.disk,
    it.stop,
  );

/** Remembered, and not removed from the daemon since. */
async function stillThere(
  ref: string,
  digest: string,
  repository: string,
  it: ImageBuilding,
): Promise<BuiltImage | null> {
  const known = await it.cache.find(ref, digest, repository);
  const there = known && (await it.docker.image(known.id));
  if (!known || !there) return null;
  if (!there.tags.includes(known.tagged)) await it.docker.tag(known.id, known.tagged);
  return known;
}

async function built(image: ImageWork, input: BuildInput, repository: string, it: ImageBuilding): Promise<BuiltImage> {
  const id =
    image.spec.build.is === 'command' ? await byCommand(image, repository, it) : await fromContext(image, input, it);
  const tagged = `${repository}:${tagOf(id)}`;
  await it.docker.tag(id, tagged);
  // What was saved while the build read its files may be in it or not: such an image stands for no input.
  const isSame = (await inputFor(image, it)).digest === input.digest;
  const inputDigest = isSame ? input.digest : '';
  const shell = restartsProcess(image.spec) ? { hasShell: await hasShell(id, it.docker, it.stop) } : {};
  const { ref } = image.spec;
  return { ref, id, tagged, inCluster: tagged, pushed: null, inputDigest, ...shell, change: 0, layers: 0 };
}

/** A file that vanishes between listing and packing (a temporary file of an editor or a compiler) gets one more listing. */
async function fromContext(image: ImageWork, input: BuildInput, it: ImageBuilding): Promise<string> {
  try {
    return await byDocker(image, input, it);
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'S503') throw error;
    tell(it, 'warn', `${image.spec.ref}: ${error.problem.what}; listed again`);
    return byDocker(image, await inputFor(image, it), it);
  }
}

async function delivered(image: BuiltImage, isKnown: boolean, it: ImageBuilding): Promise<string | null> {
  const { pushed, tagged } = image;
  if (isKnown && pushed !== null && it.destination.push && (await isDelivered(tagged, it.docker, it.stop)))
    return pushed;
  return deliver(tagged, it);
}

/** The next session builds again where this fails; the image itself is well. */
async function remember(image: BuiltImage, it: ImageBuilding): Promise<void> {
  await it.cache.remember(image).catch((error: unknown) => tell(it, 'warn', problemOf(error).what));
}
