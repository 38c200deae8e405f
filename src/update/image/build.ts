// One image by Docker or by a command: a build, a tag from its content, a push.
import { limits } from '../../model/limits.ts';
import { isSameImage } from '../../model/manifests.ts';
import { type Problem, ProblemError } from '../../model/problems/problem.ts';
import type { BuiltImage, ImageWork } from '../../model/run.ts';
import { hasShell, restartsProcess } from '../live/supervisor.ts';
import type { ImageBuilding } from './build-scope.ts';
import { byCommand } from './builder/command-build.ts';
import { type BuiltHere, byDocker } from './builder/docker-build.ts';
import type { BuildInput } from './known/input-digest.ts';
import { isUsedFromRegistry } from './known/whereabouts.ts';
import { fromContext, type Made, type Maker, madeBy, type NewImage, remember, tellKnown } from './maker.ts';
import { deliver, inCluster, isDelivered, tagOf, withoutTag } from './registry.ts';
import { refuseUnasked } from './unasked-push.ts';

/** `isDeployed`: false for an image that is only a base of others; it is built but not pushed. */
export async function buildImage(image: ImageWork, isDeployed: boolean, building: ImageBuilding): Promise<Made> {
  const { ref } = image.spec;
  const isBase = building.work.images.some(({ spec }) => spec.bases.includes(ref));
  // FROM in a Dockerfile and containers of Compose name it by its plain reference; another branch's build may have that now.
  const isNamed = isBase || building.work.kind === 'compose';
  const names = [...(image.spec.tags ?? []), ...(isNamed ? [ref] : [])];
  if (isDeployed) refuseUnasked(ref, building.destination);
  // Null: not asked.
  let served: boolean | null = null;
  let silent: Problem | undefined;
  const maker: Maker = {
    does: 'build',
    isThere: async (known: BuiltImage) => {
      if (isDeployed && isUsedFromRegistry(image.spec, known, building.destination, isBase))
        served = await isDelivered(known.tagged, building.docker, building.stop);
      // One that is used from its registry may have gone from Docker.
      const isHere = served === true && names.length === 0 ? null : await isInDocker(known, names, building);
      return served === true || isHere === true;
    },
    build: async (input: BuildInput, repository: string) => {
      const made = await built(image, input, repository, isDeployed, building);
      silent = made.silent;
      return made.image;
    },
  };
  const { image: made, isNew } = await madeBy(maker, image, building);
  if (isNew) for (const name of names) await building.docker.tag(made.id, name);
  // What keeps it from arriving must not have it built again.
  if (isNew) await remember(made, building);
  if (silent) throw new ProblemError(silent);
  const result = isDeployed ? await delivered(made, isNew || served, building) : made;
  if (!isNew) tellKnown(made, building);
  if (made.pushed !== result.pushed || made.tagged !== result.tagged) await remember(result, building);
  return { image: result, isNew };
}

/** Not removed from the daemon since. Another may bear its names now. */
async function isInDocker(
  { id, tagged }: BuiltImage,
  names: readonly string[],
  { docker }: ImageBuilding,
): Promise<boolean> {
  const there = await docker.image(id);
  if (there === null) return false;
  const wanted = isByDigest(tagged) ? names : [tagged, ...names];
  for (const name of wanted) if (!there.tags.some((each) => isSameImage(each, name))) await docker.tag(id, name);
  return true;
}

/** `silent`: why there is no point in pushing it now. */
async function built(
  image: ImageWork,
  input: BuildInput,
  repository: string,
  isDeployed: boolean,
  building: ImageBuilding,
): Promise<{ readonly image: NewImage; readonly silent?: Problem | undefined }> {
  const goes = isDeployed && building.destination.push;
  const build = (seen: BuildInput) =>
    byDocker(image, seen, goes ? pushNameOf(image, seen, repository) : null, building);
  const { id, pushed, silent }: BuiltHere =
    image.spec.build.is === 'command'
      ? { id: await byCommand(image, repository, building), pushed: null }
      : await fromContext(image, input, building, build);
  const tagged = pushed === null ? `${repository}:${tagOf(id)}` : `${repository}@${pushed}`;
  if (pushed === null) await building.docker.tag(id, tagged);
  const shell = restartsProcess(image.spec) ? { hasShell: await hasShell(id, building.docker, building.stop) } : {};
  return { image: { id, tagged, pushed, ...shell }, silent };
}

/**
 * The name by which an image is pushed as it is built, from what goes into it. Null for the first one and for large changes: a push
 * of its own says how far each layer is.
 */
const pushNameOf = (image: ImageWork, input: BuildInput, repository: string): string | null =>
  image.last?.pushed && withoutTag(image.last.tagged) === repository && isSmall(image, input)
    ? `${repository}:sluice-${input.digest.slice(0, 16)}`
    : null;

/** File by file, a build that pushes is sent what has changed, and once a session all of it. */
function isSmall({ files }: ImageWork, { entries, beside = {} }: BuildInput): boolean {
  const changed = new Set(files.map(({ path }) => path));
  const all = [...entries, ...Object.values(beside).flat()];
  const bytes = (of: typeof all): number => of.reduce((sum, { size }) => sum + size, 0);
  const isLittle = bytes(all.filter(({ source }) => changed.has(source))) <= limits.fetchedChangeBytes;
  return isLittle && bytes(all) <= limits.fetchedBytes;
}

const isByDigest = (tagged: string): boolean => tagged.includes('@');

/** Where it is not there, it is pushed by a name from its content. `isThere`: null where that has to be asked. */
async function delivered(image: BuiltImage, isThere: boolean | null, building: ImageBuilding): Promise<BuiltImage> {
  const { id, pushed, tagged } = image;
  const { destination, docker, stop } = building;
  if (pushed !== null && destination.push && (isThere ?? (await isDelivered(tagged, docker, stop)))) return image;
  if (!isByDigest(tagged)) return { ...image, pushed: await deliver(tagged, building) };
  const name = `${withoutTag(tagged)}:${tagOf(id)}`;
  await docker.tag(id, name);
  return { ...image, tagged: name, inCluster: inCluster(name, destination), pushed: await deliver(name, building) };
}
