// A build by the BuildKit inside the daemon over BuildKit's own protocol, as `docker buildx` does it: for what the daemon's
// call for builds has no word for.
import type { BuildEvent, DockerBuild } from '../../../model/ports.ts';
import { solved } from '../../buildkit/build.ts';
import { type Attributes, controlOver, type Solve } from '../../buildkit/control.ts';
import { type Ids, toldOf } from '../../buildkit/request.ts';
import { secretSources } from '../../buildkit/session/secrets.ts';
import { sshSources } from '../../buildkit/session/ssh-forward.ts';
import { hijack } from '../client.ts';
import { abortError } from '../failure.ts';
import type { Builder } from './builder.ts';

/** What of a build the daemon's own call cannot be told, in the words of the configuration. */
export function beyondTheCall({ directories, remote, options = {} }: DockerBuild): readonly string[] {
  const { contexts = {}, cacheTo = [], cacheFrom = [] } = options;
  return [
    ...(directories || Object.keys(contexts).length > 0 ? ['named contexts'] : []),
    ...(remote ? ['a context that is a URL'] : []),
    ...(cacheTo.some(({ type }) => type !== 'inline') ? ['cache.to but type=inline'] : []),
    ...(cacheFrom.some(({ type }) => type !== 'registry') ? ['cache.from but a registry'] : []),
  ];
}

export async function runSolve(
  { client, credentials, env, home, sharedKeys }: Builder,
  given: DockerBuild,
  emit: (event: BuildEvent) => void,
  stop: AbortSignal,
  drop: AbortController,
): Promise<void> {
  const [secrets, ssh] = await Promise.all([secretSources(given.secrets, env, home), sshSources(given.ssh, env, home)]);
  if (stop.aborted) throw abortError();
  const platform = given.platform || env.DOCKER_DEFAULT_PLATFORM || null;
  const build: DockerBuild = { ...given, platform };
  const control = controlOver(
    await hijack(client, { method: 'POST', path: '/grpc', headers: { Upgrade: 'h2c' }, stop: drop.signal }),
  );
  drop.signal.addEventListener('abort', () => control.close(), { once: true });
  const name = build.tags.join(',');
  const attributes: Attributes = name ? { name } : {};
  const exporter = { type: 'moby', attributes };
  const request = (each: DockerBuild, filename: string, ids: Ids): Solve => ({
    ...toldOf(each, filename, ids),
    exporter,
  });
  const builder = { credentials, env, sharedKeys };
  try {
    const told = await solved({ builder, build, pushes: null, control, secrets, ssh, stop }, request, emit);
    const id = told['containerimage.digest'];
    if (!id) throw new Error('the builder told no id of the image');
    emit({ is: 'built', id });
  } finally {
    control.close();
  }
}
