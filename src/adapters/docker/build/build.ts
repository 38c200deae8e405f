// One image build, by BuildKit where the daemon has it, else by the classic builder. Its completion is a promise that
// nothing of it runs any more: a cancel is told to the daemon and waited for.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import type { BuildOptions } from '../../../model/builds/build-options.ts';
import { basesOf } from '../../../model/dockerfile.ts';
import { limits } from '../../../model/limits.ts';
import type { BuildEvent, DockerBuild } from '../../../model/ports.ts';
import { abortError, type Problem, ProblemError } from '../../../model/problems/problem.ts';
import { fromAsync } from '../../../operators/from-async.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import { type BuildFault, buildProblem } from '../../buildkit/build-failure.ts';
import { directoriesOf } from '../../buildkit/session/file-sync.ts';
import { secretSources } from '../../buildkit/session/secrets.ts';
import { openSession } from '../../buildkit/session/session.ts';
import { sshSources } from '../../buildkit/session/ssh-forward.ts';
import type { RegistryAuth } from '../../registry/config-file.ts';
import type { Credentials } from '../../registry/credentials.ts';
import { plain } from '../../registry/daemon-text.ts';
import { registryOf } from '../../registry/reference.ts';
import { type Client, hijackedSession, openStream, type RawCall } from '../connection/client.ts';
import { failureOf, lostProblem, messageOf, statusOf } from '../connection/failure.ts';
import { jsonLines } from '../images/json-lines.ts';
import type { Builder } from './builder.ts';
import { classicContext } from './classic-context.ts';
import { contextArchive } from './context-archive.ts';
import { fitted } from './fitted.ts';
import { type BuildProgress, ClassicProgress, TraceProgress } from './progress.ts';
import { pushedAs } from './push-within.ts';
import { cannotDo } from './refusal.ts';
import { beyondTheCall, runSolve } from './solve.ts';

type Emit = (event: BuildEvent) => void;

export function build$(builder: Builder, asked: DockerBuild, stop: AbortSignal): Observable<BuildEvent> {
  const { build, warning } = fitted(builder, asked);
  // It drops the connection by itself as well, once the daemon was told of a cancel.
  return fromAsync((emit, _, drop) => {
    const isBeyond = beyondTheCall(build).length > 0 || pushedAs(builder, build) !== null;
    if (warning) emit({ is: 'output', text: `warning: ${warning}\n` });
    const run = !builder.isBuildkit ? runClassic : isBeyond ? runSolve : runBuildkit;
    return run(builder, build, emit, stop, drop).catch((error: unknown) => {
      throw failureOf(error, builder.client.endpoint, 'building', stop);
    });
  });
}

const queryOf = (build: DockerBuild, dockerfile: string, { env, isPodman }: Pick<Builder, 'env' | 'isPodman'>) => ({
  dockerfile,
  t: build.tags,
  buildargs: argsOf(build),
  labels: build.labels,
  rm: true,
  forcerm: true,
  ...(build.target ? { target: build.target } : {}),
  ...(build.platform || env.DOCKER_DEFAULT_PLATFORM ? { platform: build.platform || env.DOCKER_DEFAULT_PLATFORM } : {}),
  ...(build.noCache ? { nocache: true } : {}),
  ...toldBy(build.options ?? {}, isPodman),
});

/**
 * What the API calls the rest; what it has no word for is refused when the configuration is read. Podman reads hosts and limits as
 * lists of texts, and refuses Docker's form of them without a word.
 */
function toldBy(
  { cacheFrom = [], network, extraHosts, pull, shmBytes, ulimits = {} }: BuildOptions,
  isPodman: boolean,
) {
  const from = cacheFrom.flatMap(({ attributes }) => attributes.ref ?? []);
  const most = Object.entries(ulimits).map(([Name, { soft, hard }]) =>
    isPodman ? `${Name}=${soft}:${hard}` : { Name, Soft: soft, Hard: hard },
  );
  const hosts = Object.entries(extraHosts ?? {}).map(([name, address]) => `${name}:${address}`);
  return {
    ...(from.length > 0 ? { cachefrom: JSON.stringify(from) } : {}),
    ...(network ? { networkmode: network } : {}),
    ...(hosts.length > 0 ? { extrahosts: isPodman ? JSON.stringify(hosts) : hosts } : {}),
    ...(pull ? { pull: true } : {}),
    ...(shmBytes === undefined ? {} : { shmsize: shmBytes }),
    ...(most.length > 0 ? { ulimits: JSON.stringify(most) } : {}),
  };
}

/** What it asks for its steps, by the names of the configuration. */
const stepLimitsOf = ({ options = {} }: DockerBuild): readonly string[] => [
  ...(options.shmBytes === undefined ? [] : ['shmSize']),
  ...(options.ulimits ? ['ulimits'] : []),
];

/** A cache inside the image is asked for by a build argument there. */
const argsOf = ({ args, options }: DockerBuild): DockerBuild['args'] =>
  options?.cacheTo?.some(({ type }) => type === 'inline') ? { ...args, BUILDKIT_INLINE_CACHE: '1' } : args;

async function runBuildkit(
  builder: Builder,
  build: DockerBuild,
  emit: Emit,
  stop: AbortSignal,
  drop: AbortController,
): Promise<void> {
  const { client, credentials, env, home, sharedKeys } = builder;
  const [secrets, ssh] = await Promise.all([secretSources(build.secrets, env, home), sshSources(build.ssh, env, home)]);
  if (stop.aborted) throw abortError();
  const archive = contextArchive(build);
  const fetched = archive
    ? null
    : { ...directoriesOf(build, () => sharedKeys.forget()), sharedKey: sharedKeys.of(build) };
  if (archive?.warning) emit({ is: 'output', text: `warning: ${plain(archive.warning)}\n` });
  const unheard = builder.isSince23 ? [] : stepLimitsOf(build);
  if (unheard.length > 0)
    emit({ is: 'output', text: `warning: BuildKit of Docker before 23 does not heed ${unheard.join(' and ')}\n` });
  const offer = { fetched, credentials, secrets, ssh };
  const signal = AbortSignal.any([stop, drop.signal]);
  const session = await openSession(offer, (metadata) => hijackedSession(client, metadata, signal));
  const buildid = randomUUID();
  const cancel = () => void cancelBuildkit(client, buildid, drop);
  try {
    const own = { version: '2', session: session.id, buildid, ...(archive ? {} : { remote: 'client-session' }) };
    const query = { ...queryOf(build, archive?.dockerfile ?? fetched!.filename, builder), ...own };
    // Without any body docker-modem would send the query as one. Nobody reads it: 20.10 holds its answer back until somebody has,
    // and a connection of ssh that is kept is closed over it.
    const body = archive?.body ?? Readable.from([]);
    await follow(
      builder,
      build,
      { method: 'POST', path: '/build', query, body, stop: drop.signal },
      archive ? faultOf(archive.body) : session.fault,
      new TraceProgress(),
      emit,
      stop,
      cancel,
    );
  } finally {
    drop.abort();
    session.close();
  }
}

/**
 * BuildKit ends the stream of a cancelled build once its steps are dead; cutting the connection would tell us nothing.
 * Asked again until then, since a daemon forgets a cancel that comes before it has begun.
 */
async function cancelBuildkit(client: Client, buildid: string, drop: AbortController): Promise<void> {
  const until = performance.now() + limits.buildCancelMs;
  while (!drop.signal.aborted && performance.now() < until) {
    await openStream(client, { method: 'POST', path: '/build/cancel', query: { id: buildid }, stop: drop.signal }).then(
      (answer) => answer.resume(),
      () => drop.abort(),
    );
    await sleep(200, undefined, { signal: drop.signal }).catch(() => {});
  }
  drop.abort();
}

function refuseBeyondClassic(builder: Builder, build: DockerBuild): void {
  const called = `${builder.isPodman ? "Podman's" : 'the classic'} builder of ${builder.client.endpoint.host}`;
  if (build.secrets.length > 0 || build.ssh.length > 0)
    throw new ProblemError({
      kind: 'yours',
      code: 'S214',
      what: `${called} knows no build secrets and no ssh`,
      hint: builder.isPodman
        ? 'choose another builder: builder: {buildkit: …} or cluster (docs/builders.md)'
        : 'unset DOCKER_BUILDKIT=0, or use a Docker with BuildKit (18.09 or newer)',
    });
  const unknown = beyondTheCall(build);
  if (unknown.length > 0) throw cannotDo(called, unknown, builder.isPodman ? null : 'unset DOCKER_BUILDKIT=0');
}

async function runClassic(
  builder: Builder,
  build: DockerBuild,
  emit: Emit,
  stop: AbortSignal,
  drop: AbortController,
): Promise<void> {
  refuseBeyondClassic(builder, build);
  let progress = new ClassicProgress();
  try {
    const registryconfig = await registryConfig(builder.credentials, build);
    if (stop.aborted) throw abortError();
    for (let tries = 1; ; tries += 1) {
      const { body, dockerfile } = await classicContext(build);
      const query = queryOf(build, dockerfile, builder);
      const call: RawCall = { method: 'POST', path: '/build', query, registryconfig, body, stop: drop.signal };
      try {
        return await follow(builder, build, call, faultOf(body), progress, emit, stop, () => drop.abort());
      } catch (error) {
        if (!(error instanceof CacheLost) || tries >= limits.cacheTries) throw error;
        progress = new ClassicProgress();
      }
    }
  } finally {
    drop.abort();
    if (stop.aborted) await gone(builder.client, progress.containers());
  }
}

/**
 * Before each step the classic builder looks at every image of a containerd store for what it may take from its cache, and gives up
 * where one is removed meanwhile, whosever it was: nothing of this build has failed.
 */
class CacheLost extends ProblemError {}

const isCacheLost = ({ message }: StreamFault): boolean => /^unable to find image "sha256:[0-9a-f]{64}"$/.test(message);

/** The classic builder must be given credentials beforehand: those of the registries the Dockerfile names, no others. */
async function registryConfig(credentials: Credentials, build: DockerBuild): Promise<Record<string, RegistryAuth>> {
  const bases = basesOf(build.dockerfileText, { ...build, everyStage: true });
  const registries = new Set(bases.map(({ image }) => registryOf(image)));
  const found = await Promise.all([...registries].map((registry) => credentials.of(registry)));
  return Object.fromEntries(found.filter((auth) => auth !== null).map((auth) => [auth.serveraddress, auth]));
}

/** `context` rejects with what of the files cannot be read. */
async function follow(
  builder: Builder,
  build: DockerBuild,
  call: RawCall,
  context: Promise<never>,
  progress: BuildProgress,
  emit: Emit,
  stop: AbortSignal,
  cancel: () => void,
): Promise<void> {
  const off = onAbort(stop, cancel);
  try {
    const fault = await Promise.race([context, read(builder.client, call, progress, emit)]);
    if (stop.aborted) throw abortError();
    for (const event of progress.end(fault === null)) emit(event);
    if (fault) {
      const problem = problemOfFault(builder, build, progress, fault);
      throw isCacheLost(fault) ? new CacheLost(problem) : new ProblemError(problem);
    }
    const id = progress.built();
    // A daemon that is shut down ends the stream as if all was well.
    if (id === null) throw new ProblemError(lostProblem(builder.client.endpoint, 'building'));
    emit({ is: 'built', id });
  } catch (error) {
    throw statusOf(error) === null || stop.aborted
      ? error
      : new ProblemError(problemOfFault(builder, build, progress, errorFault(error)));
  } finally {
    off();
    call.body?.destroy();
  }
}

/** Rejects with the fault of a context that cannot be read; a reader that went away is no fault of it: the answer tells. */
function faultOf(body: Readable): Promise<never> {
  const fault = new Promise<never>((_, reject) =>
    body.on('error', (error: NodeJS.ErrnoException) => error.code?.includes('PREMATURE_CLOSE') || reject(error)),
  );
  fault.catch(() => {});
  return fault;
}

type StreamFault = Pick<BuildFault, 'message' | 'code'>;

// Faults found before the build begins (no such Dockerfile, a bad platform) come as an HTTP status.
const errorFault = (error: unknown): StreamFault => ({ message: messageOf(error), code: null });

async function read(client: Client, call: RawCall, progress: BuildProgress, emit: Emit): Promise<StreamFault | null> {
  let fault: StreamFault | null = null;
  for await (const record of jsonLines(await openStream(client, call))) {
    for (const event of progress.read(record)) emit(event);
    if (record.error)
      fault = { message: record.errorDetail?.message ?? record.error, code: record.errorDetail?.code ?? null };
  }
  return fault;
}

const problemOfFault = (builder: Builder, build: DockerBuild, progress: BuildProgress, fault: StreamFault): Problem =>
  buildProblem(build, { ...fault, step: progress.failed() }, builder.credentials);

/** The classic builder removes the container of a cancelled step by itself, some 100 ms after the connection was cut. */
async function gone(client: Client, containers: readonly string[]): Promise<void> {
  const until = performance.now() + limits.buildCancelMs;
  for (const id of containers) {
    const container = client.docker.getContainer(id);
    const isThere = () =>
      container.inspect().then(
        () => true,
        (error) => statusOf(error) !== 404,
      );
    while (await isThere()) {
      if (performance.now() > until) return void (await container.remove({ force: true }).catch(() => {}));
      await sleep(20);
    }
  }
}
