// An image from the existing one: the last image, the changed files on top, then the run steps. For workloads that
// cannot be updated in place; cheaper than from scratch, and bounded, because layers pile up.
import { concatMap, lastValueFrom, type Observable, of, tap } from 'rxjs';
import { hasAttests, isOfSeveralPlatforms } from '../../../model/builds/build-options.ts';
import { builderName } from '../../../model/builds/builder.ts';
import { isRemote } from '../../../model/builds/who-builds.ts';
import { limits } from '../../../model/limits.ts';
import type { Ports, TreeEntry } from '../../../model/ports.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import type { BuiltImage, ContainersWork, ImageWork, RunEvent, Work } from '../../../model/run.ts';
import { bringUp } from '../../bring-up.ts';
import { requestOf } from '../../live/container-update.ts';
import { layerArchive, layerDockerfile } from '../../live/dockerfile.ts';
import { type LivePlan, planLive } from '../../live/steps.ts';
import { type Declined, declined } from '../../live/transport.ts';
import type { Claim, Strategy } from '../../strategy.ts';
import { strategyRun } from '../../strategy-run.ts';
import { inputOf } from '../known/input-digest.ts';
import { imageLabels } from '../labels.ts';
import { buildLog } from '../progress/build-log.ts';
import { type Delivering, deliver, destinationFor, inCluster, repositoryOf, tagOf } from '../registry.ts';
import { layerEntries } from './entries.ts';
import { passingTag } from './temporary-tag.ts';

const name = 'image from the existing one';

interface Layer {
  readonly image: ImageWork;
  readonly last: BuiltImage;
  readonly plan: LivePlan;
}

export const layerStrategy: Strategy = {
  name,
  claim: (work) => {
    const layers = layersOf(work);
    return Array.isArray(layers) ? { take: true } : (layers as Claim);
  },
  run: (work, stop, ports) => buildThenDeploy(work as ContainersWork, stop, ports),
};

const no = (because: string, show: 'user' | 'debug' = 'debug'): Claim => ({ take: false, because, show });

/** One per image that changed, or why it has to be built from scratch. */
function layersOf(work: Work): readonly Layer[] | Claim {
  if (work.kind === 'local') return no('it runs in no container');
  if (work.updateMode !== 'auto' && work.updateMode !== 'image') return no(`--update-mode is ${work.updateMode}`);
  if (work.deployed === null || work.force) return no('asked for, or not deployed yet');
  if (work.half === 'deploy') return no('its images are built');
  if (work.cause !== 'files' && work.cause !== 'crash' && work.cause !== 'trigger')
    return no('more than files changed');
  const layers: Layer[] = [];
  for (const image of work.images.filter(({ files }) => files.length > 0)) {
    const { spec, last } = image;
    if (last === null) return no(`${spec.ref} is not built yet`);
    if (isRemote(spec.build))
      return no(
        `${spec.ref} is built by ${builderName(spec.build.is === 'dockerfile' ? spec.build.builder : undefined)}, which keeps every step`,
      );
    if (spec.build.is === 'dockerfile' && isOfSeveralPlatforms(spec.build.platform))
      return no(`${spec.ref} is an image of several platforms, which one step cannot be put on`, 'user');
    if (spec.build.is === 'dockerfile' && hasAttests(spec.build.options))
      return no(`${spec.ref} is an image of which something is said beside it, which one step has not`, 'user');
    if (work.images.some((other) => other.spec.bases.includes(spec.ref)))
      return no(`other images are built from ${spec.ref}`, 'user');
    if (last.layers >= limits.layersOnTop)
      return no(`${last.layers} layers were put on ${spec.ref}: time for a fresh one`, 'user');
    const plan = planLive(work, image, { ledger: last.change, isNew: false });
    if (!plan.take) return no(plan.because, plan.show);
    if (!plan.isEmpty) layers.push({ image, last, plan });
  }
  return layers.length > 0 ? layers : no('no file changed');
}

function buildThenDeploy(work: ContainersWork, stop: AbortSignal, ports: Ports): Observable<RunEvent> {
  const built: BuiltImage[] = [];
  return strategyRun(stop, async (say, signal) => {
    const docker = await ports.docker();
    const destination = await destinationFor(work, docker, ports, signal);
    const delivery = { work, docker, destination, ports, say, stop: signal };
    for (const layer of layersOf(work) as readonly Layer[]) {
      const made = await buildLayer(layer, delivery);
      if (made.is === 'declined') return made;
      built.push(made.image);
      say.built(made.image);
    }
    return { is: 'ok', result: { strategy: name, images: built, deployed: null, ledgers: {}, unchanged: false } };
  }).pipe(
    concatMap((event) =>
      event.is === 'ended' && event.outcome.is === 'ok' ? bringUp(work, built, stop, ports, name) : of(event),
    ),
  );
}

interface Made {
  readonly is: 'made';
  readonly image: BuiltImage;
}

interface Built {
  readonly is: 'built';
  readonly id: string;
}

async function buildLayer({ image, last, plan }: Layer, delivery: Delivering): Promise<Made | Declined> {
  const { work, docker, destination, ports, say, stop } = delivery;
  const { ref } = image.spec;
  const existing = await docker.image(last.id);
  if (!existing) return declined(`the last image of ${ref} is gone from Docker`);
  if (destination.load !== null) return declined('a cluster without a registry takes whole images only');
  const request = await requestOf(plan, '', ports.disk, stop);
  // Under BuildKit FROM takes no image id, and the user's tags may move while this runs.
  const from = passingTag(ports.now());
  const found = await layerEntries(request, last.id, docker, stop);
  if (found.is === 'declined') return found;
  const { entries } = found;
  const content = layerDockerfile(from, request, entries.length > 0, existing.user);
  if (content === null) return declined(`too much was removed from ${ref} for one layer`);
  say.step(`build ${ref}`, 'from the existing image');
  await docker.tag(last.id, from);
  const made = await built(content, entries, image, delivery).finally(() => docker.removeImage(from).catch(() => {}));
  if (made.is === 'declined') return made;
  const { id } = made;
  const repository = repositoryOf(ref, destination.host);
  const tagged = `${repository}:${tagOf(id)}`;
  await docker.tag(id, tagged);
  if (work.kind === 'compose') await docker.tag(id, ref);
  const bases = image.spec.bases.map((base) => work.images.find(({ spec }) => spec.ref === base)?.last?.id ?? '');
  const { digest } = await inputOf(image.spec, bases, ports.disk, stop);
  const pushed = await deliver(tagged, delivery);
  const layered: BuiltImage = {
    ref,
    id,
    tagged,
    inCluster: inCluster(tagged, destination),
    pushed,
    inputDigest: digest,
    change: work.change,
    ...(last.hasShell === undefined ? {} : { hasShell: last.hasShell }),
    layers: last.layers + 1,
  };
  return { is: 'made', image: layered };
}

async function built(
  content: string,
  entries: readonly TreeEntry[],
  image: ImageWork,
  delivery: Delivering,
): Promise<Built | Declined> {
  const { disk, now } = delivery.ports;
  const archive = await disk.tarFile(entries, { mtime: now() });
  const files = entries.length > 0 ? [{ ...archive.entry, path: layerArchive }] : [];
  return builtFrom(content, files, image, delivery).finally(archive.drop);
}

async function builtFrom(
  content: string,
  files: readonly TreeEntry[],
  image: ImageWork,
  delivery: Delivering,
): Promise<Built | Declined> {
  const { docker, ports, stop } = delivery;
  const build = {
    // The archive is the only thing that it takes in.
    context: { root: '/', entries: files, mtime: ports.now(), disk: ports.disk, isNamedByDockerfile: true as const },
    dockerfile: 'Dockerfile',
    dockerfileText: content,
    target: null,
    args: {},
    platform: image.spec.build.is === 'dockerfile' ? image.spec.build.platform : null,
    labels: imageLabels(image.spec.ref, delivery.work.project),
    tags: [],
    secrets: [],
    ssh: [],
  };
  const log = buildLog(delivery);
  try {
    const last = await lastValueFrom(docker.build(build, stop).pipe(tap(log.tell)));
    if (last.is === 'built') return last;
    throw new Error('the build ended without an image');
  } catch (error) {
    const hasNoShell =
      isProblemError(error) &&
      /executable file not found|no such file or directory|unable to find (user|groups)/.test(error.message);
    // A file where the image has a directory, or no shell for what has to be removed: from scratch both are well.
    if (hasNoShell || (isProblemError(error) && /cannot copy to|ADD/.test(error.message)))
      return declined(error.message);
    throw error;
  } finally {
    log.end();
  }
}
