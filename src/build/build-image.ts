// One image: nothing when its input is unchanged and the daemon still has it, else a build, a tag from its content, a push.
import { lastValueFrom, tap } from 'rxjs';
import { limits } from '../model/limits.ts';
import type { BuildEvent, DockerPort, Ports } from '../model/ports.ts';
import { ProblemError } from '../model/problem.ts';
import type { BuiltImage, ImageWork, KubeWork } from '../model/run.ts';
import type { ImageCache } from './image-cache.ts';
import { inputOf } from './input.ts';
import { type Destination, inCluster, repositoryOf, tagOf } from './registry.ts';
import type { Saying } from './running.ts';

export interface ImageBuilding {
  readonly work: KubeWork;
  readonly docker: DockerPort;
  readonly destination: Destination;
  readonly cache: ImageCache;
  readonly ports: Ports;
  readonly say: Saying;
  readonly stop: AbortSignal;
  /** Images of this run so far, by ref: bases of the ones to come. */
  readonly done: ReadonlyMap<string, BuiltImage>;
}

/** `isDeployed`: false for an image that is only a base of others; it is built but not pushed. */
export async function buildImage(image: ImageWork, isDeployed: boolean, it: ImageBuilding): Promise<BuiltImage> {
  const { spec } = image;
  const repository = repositoryOf(spec.ref, it.destination.host);
  const bases = spec.bases.map((ref) => it.done.get(ref)?.id ?? '');
  it.say.step(`build ${spec.ref}`);
  const input = await inputOf(spec, bases, it.ports.disk, it.stop);
  const known = it.work.force ? null : await reusable(spec.ref, input.digest, repository, isDeployed, it);
  if (known) {
    log(it, `${spec.ref}: unchanged, ${known.tagged} is used again`);
    return { ...known, change: it.work.change };
  }
  const id = spec.build.is === 'command' ? await byCommand(image, repository, it) : await byDocker(image, input, it);
  // FROM in a Dockerfile names a base by its plain reference.
  if (it.work.images.some((other) => other.spec.bases.includes(spec.ref))) await it.docker.tag(id, spec.ref);
  const tagged = `${repository}:${tagOf(id)}`;
  await it.docker.tag(id, tagged);
  const pushed = isDeployed ? await deliver(tagged, it) : null;
  const built: BuiltImage = {
    ref: spec.ref,
    id,
    tagged,
    inCluster: inCluster(tagged, it.destination),
    pushed,
    inputDigest: input.digest,
    change: it.work.change,
    layers: 0,
  };
  await it.cache.remember(built);
  return built;
}

/** Remembered, still in the daemon, and in the registry where it has to be. */
async function reusable(
  ref: string,
  digest: string,
  repository: string,
  isDeployed: boolean,
  it: ImageBuilding,
): Promise<BuiltImage | null> {
  const known = await it.cache.find(ref, digest, repository);
  if (!known || (await it.docker.image(known.id)) === null) return null;
  if (!isDeployed || !it.destination.push) return known;
  if (known.pushed !== null && (await it.docker.inRegistry(known.tagged, it.stop))) return known;
  await it.docker.tag(known.id, known.tagged);
  const pushed = await deliver(known.tagged, it);
  const again = { ...known, pushed };
  await it.cache.remember(again);
  return again;
}

async function byDocker(
  image: ImageWork,
  input: Awaited<ReturnType<typeof inputOf>>,
  it: ImageBuilding,
): Promise<string> {
  const { build, ref } = image.spec;
  if (build.is !== 'dockerfile') throw new Error(`${ref} is not built from a Dockerfile`);
  const size = input.entries.reduce((sum, entry) => sum + entry.size, 0);
  log(it, `${ref}: building ${input.entries.length} files, ${(size / 1024).toFixed(0)} KiB of context`);
  const last = await lastValueFrom(
    it.docker
      .build(
        {
          context: () => it.ports.disk.tar(input.entries, { extra: input.extra }),
          dockerfile: input.dockerfile,
          target: build.target,
          args: build.args,
          platform: build.platform,
          labels: { 'sluice.dev/ref': ref },
          tags: [],
          secrets: build.secrets,
          ssh: build.ssh,
          noCache: it.work.force,
        },
        it.stop,
      )
      .pipe(tap((event) => logBuild(event, it))),
  );
  if (last.is !== 'built') throw new Error('the build ended without an image');
  return last.id;
}

function logBuild(event: BuildEvent, it: ImageBuilding): void {
  const origin = { resource: it.work.resource, source: 'build' as const, run: it.work.run };
  const now = it.ports.now();
  if (event.is === 'output') it.ports.logs.write(origin, event.text, now);
  else if (event.is === 'progress') it.ports.logs.write(origin, `${event.text}\r`, now);
  else if (event.is === 'step' && event.state !== 'started') {
    const took = event.state === 'cached' ? ' (cached)' : event.ms === undefined ? '' : ` (${event.ms} ms)`;
    it.ports.logs.line(origin, event.state === 'failed' ? 'error' : 'info', `${event.name}${took}`, now);
  }
}

/** A command of the user's own; it is told the name to produce and has to produce it. */
async function byCommand(image: ImageWork, repository: string, it: ImageBuilding): Promise<string> {
  const { build, ref, at } = image.spec;
  if (build.is !== 'command') throw new Error(`${ref} is not built by a command`);
  const tag = `sluice-build-${it.work.run.replace(/[^a-z0-9]+/gi, '-')}`;
  const expected = `${repository}:${tag}`;
  const origin = { resource: it.work.resource, source: 'build' as const, run: it.work.run };
  const env = { SLUICE_IMAGE: expected, SLUICE_REGISTRY: it.destination.host ?? '', SLUICE_TAG: tag };
  const exit = await lastValueFrom(
    it.ports.proc.run({ cmd: build.command, dir: build.dir, env }, it.stop).pipe(
      tap((event) => {
        if (event.is === 'output') it.ports.logs.write(origin, event.chunk, it.ports.now());
      }),
    ),
  );
  it.ports.logs.end(origin, it.ports.now());
  it.stop.throwIfAborted();
  if (exit.is !== 'exited' || exit.code !== 0) {
    const logTail = it.ports.logs.tailText(
      { resources: [it.work.resource], sources: ['build'] },
      limits.problemLogLines,
    );
    const how = exit.is === 'exited' ? (exit.signal ?? `code ${exit.code}`) : 'no status';
    throw new ProblemError({
      kind: 'step',
      code: 'S260',
      what: `${ref}: its build command ended with ${how}`,
      hint: build.command.slice(0, 200),
      at,
      logTail,
    });
  }
  const made = await it.docker.image(expected);
  if (made) return made.id;
  throw new ProblemError({
    kind: 'yours',
    code: 'S261',
    what: `${ref}: its build command ended well but made no image ${expected}`,
    hint: 'it has to produce the name in $SLUICE_IMAGE',
    at,
  });
}

/** Push, or `kind load`; null where the cluster sees the daemon's images anyway. */
async function deliver(tagged: string, it: ImageBuilding): Promise<string | null> {
  if (it.destination.kindLoad) return loadIntoKind(tagged, it);
  if (!it.destination.push) return null;
  it.say.step(`push ${tagged}`);
  const last = await lastValueFrom(it.docker.push(tagged, it.stop));
  if (last.is !== 'pushed') throw new Error('the push ended without a digest');
  return last.digest;
}

async function loadIntoKind(tagged: string, it: ImageBuilding): Promise<null> {
  it.say.step(`load ${tagged}`);
  const kube = await it.ports.kube();
  const cmd = ['kind', 'load', 'docker-image', tagged, '--name', kube.info.cluster.replace(/^kind-/, '')];
  const exit = await lastValueFrom(it.ports.proc.run({ cmd, dir: '.' }, it.stop));
  it.stop.throwIfAborted();
  if (exit.is === 'exited' && exit.code === 0) return null;
  throw new ProblemError({
    kind: 'step',
    code: 'S262',
    what: `kind could not load ${tagged}`,
    hint: `try it by hand: ${cmd.join(' ')}`,
  });
}

function log(it: ImageBuilding, text: string): void {
  it.ports.logs.line({ resource: it.work.resource, source: 'build', run: it.work.run }, 'info', text, it.ports.now());
}
