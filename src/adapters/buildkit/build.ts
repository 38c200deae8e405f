// One build by a BuildKit of its own: a connection, a session that it calls back over, and a solve that ends with the push.
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { BuilderWay, RemoteBuild, RemoteEvent } from '../../model/ports/builder.ts';
import type { BuildEvent, DockerBuild } from '../../model/ports.ts';
import { abortError, isProblemError, ProblemError } from '../../model/problems/problem.ts';
import { fromAsync } from '../../operators/from-async.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import type { Env } from '../registry/config-file.ts';
import type { Credentials } from '../registry/credentials.ts';
import { isPushFailure, registryProblem } from '../registry/registry-failure.ts';
import { buildProblem } from './build-failure.ts';
import { type Attributes, type Control, controlOver, type Solve } from './control.ts';
import { failureOf, unreachable, wordsOf } from './failure.ts';
import { imageStart } from './image-start.ts';
import { cacheDirectories, noteCaches, withLocalCaches } from './local-cache.ts';
import { BuildkitProgress } from './progress.ts';
import { type Ids, solveOf, toldOf } from './request.ts';
import { directoriesOf } from './session/file-sync.ts';
import { type SecretSource, secretSources } from './session/secrets.ts';
import { openSession, type SessionMetadata } from './session/session.ts';
import type { SharedKeys } from './session/shared-key.ts';
import { type SshSource, sshSources } from './session/ssh-forward.ts';

export interface Builder {
  readonly way: BuilderWay;
  readonly credentials: Credentials;
  readonly env: Env;
  readonly home: string;
  readonly sharedKeys: SharedKeys;
}

type Emit = (event: RemoteEvent) => void;

export function build$(builder: Builder, build: RemoteBuild, stop: AbortSignal): Observable<RemoteEvent> {
  return fromAsync((emit, drop) =>
    run(builder, build, emit, stop, drop).catch((error: unknown) => {
      throw failureOf(error, builder.way.called, stop);
    }),
  );
}

async function run(builder: Builder, build: RemoteBuild, emit: Emit, stop: AbortSignal, drop: AbortSignal) {
  const { env, home } = builder;
  const [secrets, ssh] = await Promise.all([secretSources(build.secrets, env, home), sshSources(build.ssh, env, home)]);
  const either = AbortSignal.any([stop, drop]);
  const control = await connected(builder.way, either);
  onAbort(drop, () => control.close());
  try {
    const solving = { builder, build, pushes: build.push.name, control, secrets, ssh, stop: either };
    const request: Request = (each, filename, ids) => solveOf({ ...build, ...each }, filename, ids);
    const digest = (await solved(solving, request, emit as (event: BuildEvent) => void))['containerimage.digest'];
    if (!digest) throw new Error('the builder told no digest of the image');
    const start = await imageStart(control, digest, either);
    const found = start !== null && build.look !== null && (await isIn(solving, build.look));
    emit({ is: 'pushed', digest, start: start && { ...start, found } });
  } finally {
    control.close();
  }
}

export async function connected(way: BuilderWay, stop: AbortSignal): Promise<Control> {
  try {
    return controlOver(await way.connect(stop));
  } catch (error) {
    if (stop.aborted) throw abortError();
    throw unreachable(way.called, error);
  }
}

/** As it is asked of the builder; `build`: with what was looked up meanwhile. */
type Request = (build: DockerBuild, filename: string, ids: Ids) => Solve;

/** What was to be pushed is built, and did not arrive. */
export class PushError extends ProblemError {}

export interface Solving {
  readonly builder: Pick<Builder, 'credentials' | 'env' | 'sharedKeys'>;
  readonly build: DockerBuild;
  /** The name that it pushes to; null: it does not. */
  readonly pushes: string | null;
  readonly control: Control;
  /** A way for its session of its own, where there is one: inside the other each byte is wrapped twice. */
  readonly session?: (metadata: SessionMetadata) => Promise<Duplex>;
  readonly secrets: readonly SecretSource[];
  readonly ssh: readonly SshSource[];
  readonly stop: AbortSignal;
}

/** What the exporter says. Neither resolves nor rejects before nothing of it runs any more. */
export async function solved(
  { builder, build: given, pushes, control, session: way, secrets, ssh, stop }: Solving,
  requestOf: Request,
  emit: (event: BuildEvent) => void,
): Promise<Attributes> {
  const { credentials, sharedKeys } = builder;
  const build = await withLocalCaches(given);
  const { filename, directories } = directoriesOf(build, () => sharedKeys.forget());
  const offer = {
    fetched: { directories, sharedKey: sharedKeys.of(build) },
    credentials,
    secrets,
    ssh,
    stores: cacheDirectories(build),
  };
  const session = await openSession(offer, way ?? (async (metadata) => control.session(metadata)));
  const request: Solve = requestOf(build, filename, { ref: randomUUID(), session: session.id });
  const progress = new BuildkitProgress();
  const hear = (bytes: Uint8Array): void => {
    for (const event of progress.read(bytes)) emit(event);
  };
  const over = new AbortController();
  const status = control.status(request.ref, hear, over.signal).catch(() => {});
  let end: Promise<unknown> | null = null;
  const ended = (): Promise<unknown> => {
    end ??= Promise.race([status, sleep(limits.buildCancelMs, undefined, { ref: false })]);
    return end;
  };
  try {
    const told = await Promise.race([session.fault, control.solve(request, stop)]);
    await noteCaches(build, told['cache.manifest']);
    return told;
  } catch (error) {
    const words = stop.aborted ? null : wordsOf(error);
    if (words === null) throw error;
    if (pushes !== null && isPushFailure(words, pushes))
      throw new PushError(registryProblem(`pushing ${pushes}`, pushes, words, credentials));
    // Which step it was is told on the other stream, which may be behind.
    await ended();
    const fault = { message: words, code: null, step: progress.failed() };
    throw new ProblemError(buildProblem(build, fault, credentials));
  } finally {
    // Its status ends once its steps are dead.
    await ended();
    over.abort();
    session.close();
  }
}

/** Asked by a stage more, in which all but the look is known already. */
async function isIn(solving: Solving, path: string): Promise<boolean> {
  const { build } = solving;
  const stage = build.target ?? String((build.dockerfileText.match(/^\s*FROM\s/gim) ?? []).length - 1);
  const dockerfileText = `${build.dockerfileText}\nFROM scratch\nCOPY --from=${stage} ${path} /\n`;
  const asked: DockerBuild = {
    ...build,
    dockerfileText,
    target: null,
    noCache: false,
    options: { ...build.options, cacheTo: [], noCacheFilter: [], attests: {} },
  };
  const requestOf: Request = (each, filename, ids) => ({ ...toldOf(each, filename, ids), exporter: null });
  try {
    await solved({ ...solving, build: asked }, requestOf, () => {});
    return true;
  } catch (error) {
    solving.stop.throwIfAborted();
    if (isProblemError(error)) return false;
    throw error;
  }
}
