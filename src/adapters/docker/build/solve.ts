// A build by the BuildKit inside the daemon over BuildKit's own protocol, as `docker buildx` does it: for what the daemon's
// call for builds has no word for.
import { type BuildOptions, hasAttests, isOfSeveralPlatforms } from '../../../model/builds/build-options.ts';
import type { BuildEvent, DockerBuild } from '../../../model/ports.ts';
import { abortError } from '../../../model/problems/problem.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import { solved } from '../../buildkit/build.ts';
import { type Attributes, controlOver, type Solve } from '../../buildkit/control.ts';
import { type Ids, toldOf } from '../../buildkit/request.ts';
import { secretSources } from '../../buildkit/session/secrets.ts';
import type { SessionMetadata } from '../../buildkit/session/session.ts';
import { sshSources } from '../../buildkit/session/ssh-forward.ts';
import { hijack, hijackedSession } from '../connection/client.ts';
import type { Builder } from './builder.ts';
import { pushedAs, pushWithin } from './push-within.ts';
import { cannotDo } from './refusal.ts';

/** What of a build the daemon's own call cannot be told, in the words of the configuration. */
export function beyondTheCall({ directories, remote, platform, options = {} }: DockerBuild): readonly string[] {
  const { contexts = {}, cacheTo = [], cacheFrom = [], noCacheFilter = [], entitlements = [] } = options;
  return [
    ...(directories || Object.keys(contexts).length > 0 ? ['named contexts'] : []),
    ...(remote ? ['a context that is a URL'] : []),
    ...(isOfSeveralPlatforms(platform) ? [severalPlatforms] : []),
    ...(entitlements.length > 0 ? ['entitlements'] : []),
    ...(noCacheFilter.length > 0 ? ['noCacheFilter'] : []),
    ...(hasAttests(options) ? ['attestations'] : []),
    ...(cacheTo.some(({ type }) => type !== 'inline') ? ['cache.to but type=inline'] : []),
    ...(cacheFrom.some(({ type }) => type !== 'registry') ? ['cache.from but a registry'] : []),
  ];
}

const severalPlatforms = 'an image of several platforms';

/** The Dockerfile frontend inside BuildKit of Docker before 23 takes named contexts for images; one that the Dockerfile names need not. */
function refuseContexts({ client, isSince23 }: Builder, build: DockerBuild): void {
  const { directories = {}, options = {}, dockerfileText } = build;
  const names = [...Object.keys(directories), ...Object.keys(options.contexts ?? {})];
  if (isSince23 || names.length === 0 || /^(?:[^\S\n]*#[^\n]*\n)*[^\S\n]*#\s*syntax\s*=/i.test(dockerfileText)) return;
  const called = `BuildKit of Docker before 23 at ${client.endpoint.host}`;
  const syntax = 'begin the Dockerfile with # syntax=docker/dockerfile:1';
  throw cannotDo(called, [`named contexts (${names.join(', ')})`], syntax);
}

/** BuildKit beside Docker's own image store has no blobs to write: its cache goes into the image, or nowhere; nor has that store indexes. */
function refuseBesideOwnStore({ client, store }: Builder, { platform, options = {} }: DockerBuild): void {
  const types = (options.cacheTo ?? []).map(({ type }) => type).filter((type) => type !== 'inline');
  const refused = [
    ...types.map((type) => `cache.to of type=${type}`),
    ...ofActions(options),
    ...(isOfSeveralPlatforms(platform) ? [severalPlatforms] : []),
  ];
  if (store === 'containerd' || refused.length === 0) return;
  const called = `Docker at ${client.endpoint.host}, which keeps images in its own store,`;
  const containerd = 'let Docker keep them in containerd (daemon.json: {"features": {"containerd-snapshotter": true}})';
  throw cannotDo(called, refused, `${types.length > 0 ? 'write type=inline, ' : ''}${containerd}`);
}

const ofActions = ({ cacheFrom = [] }: BuildOptions): readonly string[] =>
  cacheFrom.some(({ type }) => type === 'gha') ? ['cache.from of type=gha'] : [];

export async function runSolve(
  builder: Builder,
  given: DockerBuild,
  emit: (event: BuildEvent) => void,
  stop: AbortSignal,
  drop: AbortController,
): Promise<void> {
  refuseContexts(builder, given);
  refuseBesideOwnStore(builder, given);
  const { client, credentials, env, home, sharedKeys } = builder;
  const [secrets, ssh] = await Promise.all([secretSources(given.secrets, env, home), sshSources(given.ssh, env, home)]);
  if (stop.aborted) throw abortError();
  const platform = given.platform || env.DOCKER_DEFAULT_PLATFORM || null;
  const build: DockerBuild = { ...given, platform };
  const control = controlOver(
    await hijack(client, { method: 'POST', path: '/grpc', headers: { Upgrade: 'h2c' }, stop: drop.signal }),
  );
  onAbort(drop.signal, () => control.close());
  const pushes = pushedAs(builder, build);
  const push = pushes === null ? null : pushWithin(builder, pushes, stop);
  const name = build.tags.join(',');
  const attributes: Attributes = push?.attributes ?? (name ? { name } : {});
  const exporter = { type: 'moby', attributes };
  const request = (each: DockerBuild, filename: string, ids: Ids): Solve => ({
    ...toldOf(each, filename, ids),
    exporter,
  });
  const hear = (event: BuildEvent): void => {
    push?.hear(event);
    emit(event);
  };
  const solving = {
    builder: { credentials, env, sharedKeys },
    build,
    pushes,
    control,
    session: (metadata: SessionMetadata) => hijackedSession(client, metadata, drop.signal),
    secrets,
    ssh,
    stop: push ? AbortSignal.any([stop, push.over]) : stop,
  };
  try {
    const id = (await solved(solving, request, hear))['containerimage.digest'];
    if (!id) throw new Error('the builder told no id of the image');
    emit({ is: 'built', id, ...(push ? { pushed: id } : {}) });
  } catch (error) {
    const alone = await push?.builtAlone(error);
    if (!alone) throw error;
    emit(alone);
  } finally {
    push?.end();
    control.close();
  }
}
