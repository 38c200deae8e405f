// One image by Docker or by a command: a build, a tag from its content, a push.
import type { BuiltImage, ImageWork } from '../../model/run.ts';
import { hasShell, restartsProcess } from '../live/supervisor.ts';
import type { ImageBuilding } from './build-scope.ts';
import { byCommand } from './builder/command-build.ts';
import { byDocker } from './builder/docker-build.ts';
import type { BuildInput } from './input-digest.ts';
import { fromContext, type Made, madeBy, type NewImage, remember, tellKnown } from './made.ts';
import { deliver, isDelivered, tagOf } from './registry.ts';
import { refuseUnasked } from './unasked-push.ts';

/** `isDeployed`: false for an image that is only a base of others; it is built but not pushed. */
export async function buildImage(image: ImageWork, isDeployed: boolean, building: ImageBuilding): Promise<Made> {
  const { ref } = image.spec;
  if (isDeployed) refuseUnasked(ref, building.destination);
  const maker = {
    isThere: (known: BuiltImage) => isInDocker(known, building),
    build: (input: BuildInput, repository: string) => built(image, input, repository, building),
  };
  const { image: made, isNew } = await madeBy(maker, image, building);
  // FROM in a Dockerfile names a base by its plain reference; another branch's build may have it now.
  if (building.work.images.some((other) => other.spec.bases.includes(ref))) await building.docker.tag(made.id, ref);
  // What keeps it from arriving must not have it built again.
  if (isNew) await remember(made, building);
  const pushed = isDeployed ? await delivered(made, !isNew, building) : made.pushed;
  if (!isNew) tellKnown(made, building);
  const result = { ...made, pushed };
  if (made.pushed !== pushed) await remember(result, building);
  return { image: result, isNew };
}

/** Not removed from the daemon since. */
async function isInDocker({ id, tagged }: BuiltImage, { docker }: ImageBuilding): Promise<boolean> {
  const there = await docker.image(id);
  if (there && !there.tags.includes(tagged)) await docker.tag(id, tagged);
  return there !== null;
}

async function built(
  image: ImageWork,
  input: BuildInput,
  repository: string,
  building: ImageBuilding,
): Promise<NewImage> {
  const id =
    image.spec.build.is === 'command'
      ? await byCommand(image, repository, building)
      : await fromContext(image, input, building, (seen) => byDocker(image, seen, building));
  const tagged = `${repository}:${tagOf(id)}`;
  await building.docker.tag(id, tagged);
  const shell = restartsProcess(image.spec) ? { hasShell: await hasShell(id, building.docker, building.stop) } : {};
  return { id, tagged, pushed: null, ...shell };
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
