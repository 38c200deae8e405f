// One image, by whoever builds it: nothing where its input is unchanged and what was built of it is still there, else a build.
import { problemCodes } from '../../model/problems/code-names.ts';
import { hasCode, problemOf } from '../../model/problems/problem.ts';
import type { BuiltImage, ImageWork } from '../../model/run.ts';
import { type ImageMaking, tell } from './build-scope.ts';
import { type BuildInput, inputOf } from './known/input-digest.ts';
import { inCluster, repositoryOf } from './registry.ts';

export interface Made {
  readonly image: BuiltImage;
  /** False: the one of an earlier build, its input being the same. */
  readonly isNew: boolean;
}

/** What a builder says of an image that it has made. */
export type NewImage = Pick<BuiltImage, 'id' | 'tagged' | 'pushed' | 'hasShell' | 'start'>;

export interface Maker {
  /** In a word, for those who watch. */
  readonly does: 'build' | 'exchange';
  /** Is what was built before still where it is used from? */
  isThere(known: BuiltImage): Promise<boolean>;
  /** `repository`: its name in its registry, without a tag. */
  build(input: BuildInput, repository: string): Promise<NewImage>;
}

export async function madeBy(maker: Maker, image: ImageWork, building: ImageMaking): Promise<Made> {
  const { ref } = image.spec;
  const { destination, work, cache } = building;
  building.say.step(`${maker.does} ${ref}`);
  const repository = repositoryOf(ref, destination.host);
  const input = await inputFor(image, building);
  const known = work.force || input.isMoving ? null : await cache.find(ref, input.digest, repository);
  const now = (tagged: string) => ({ inCluster: inCluster(tagged, destination), change: work.change });
  if (known && (await maker.isThere(known))) {
    building.inputs.note(ref, known.id, input);
    return { image: { ...known, ...now(known.tagged) }, isNew: false };
  }
  const made = await maker.build(input, repository);
  // What was saved while the build read its files may be in it or not: such an image stands for no input.
  const isSame = (await inputFor(image, building)).digest === input.digest;
  const inputDigest = isSame && !input.isMoving ? input.digest : '';
  if (inputDigest !== '') building.inputs.note(ref, made.id, input);
  return { image: { ref, ...made, ...now(made.tagged), inputDigest, layers: 0 }, isNew: true };
}

export const tellKnown = ({ ref, tagged }: BuiltImage, building: ImageMaking): void =>
  tell(building, 'info', `${ref}: unchanged, ${tagged} is used again`);

const inputFor = ({ spec }: ImageWork, building: ImageMaking): Promise<BuildInput> =>
  inputOf(
    spec,
    spec.bases.map((ref) => building.done.get(ref)?.id ?? ''),
    building.ports.disk,
    building.stop,
  );

/** A file that vanishes between listing and packing (a temporary file of an editor or a compiler) gets one more listing. */
export async function fromContext<T>(
  image: ImageWork,
  input: BuildInput,
  building: ImageMaking,
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

/** One that stands for no input is not found again. The next session builds again where this fails; the image itself is well. */
export async function remember(image: BuiltImage, building: ImageMaking): Promise<void> {
  if (image.inputDigest === '') return;
  await building.cache.remember(image).catch((error: unknown) => tell(building, 'warn', problemOf(error).what));
}
