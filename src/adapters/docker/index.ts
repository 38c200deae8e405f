// The Docker daemon of this user as a port.
import { limits } from '../../model/limits.ts';
import type { DockerInfo, DockerPort } from '../../model/ports.ts';
import { isAbort, ProblemError } from '../../model/problem.ts';
import { SharedKeys } from '../buildkit/session/shared-key.ts';
import type { Env } from '../registry/config-file.ts';
import { credentialsFrom } from '../registry/credentials.ts';
import { build$ } from './build/build.ts';
import { type Client, createClient, getJson } from './client.ts';
import { container, containers, putArchive, restart } from './containers.ts';
import { earlierLogs } from './earlier-logs.ts';
import { resolveEndpoint } from './endpoint.ts';
import { enginePort } from './engine.ts';
import { events$ } from './events.ts';
import { exec } from './exec.ts';
import { failureOf, unreachableProblem } from './failure.ts';
import { hasPath, image, images, removeImage, tag } from './images.ts';
import { lifeline$ } from './lifeline.ts';
import { logs$ } from './logs.ts';
import { placeEntries } from './path-entries.ts';
import { digestInRegistry, push$ } from './push.ts';

/** Rejects with a `yours` problem for a wrong context or address, `denied` or `unavailable` when the daemon gives no answer. */
export async function connectDocker({ env, home }: { readonly env: Env; readonly home: string }): Promise<DockerPort> {
  const client = createClient(await resolveEndpoint(env, home), env);
  const { version, machine } = await daemonOf(client);
  const credentials = credentialsFrom(env, home);
  const [isBuildkit, isSince23] = [hasBuildkit(version, env), isSince(version, env, 42)];
  const { store } = machine;
  const known = { isBuildkit, isSince23, isPodman: isPodman(version), store };
  const builder = { client, credentials, env, home, ...known, sharedKeys: new SharedKeys() };
  return {
    info: (stop) => infoOf(client, env, stop),
    build: (build, stop) => build$(builder, build, stop),
    push: (ref, stop) => push$(client, credentials, ref, stop),
    inRegistry: async (ref, stop) => (await digestInRegistry(client, credentials, ref, stop)) !== null,
    image: (ref) => image(client, ref),
    images: (label) => images(client, label),
    hasPath: (ref, path, stop) => hasPath(client, ref, path, stop),
    placeEntries: (ref, paths, stop) => placeEntries(client, ref, paths, stop),
    tag: (id, ref) => tag(client, id, ref),
    removeImage: (ref) => removeImage(client, ref),
    containers: (filter) => containers(client, filter),
    container: (id) => container(client, id),
    exec: (id, cmd, options, stop) => exec(client, id, cmd, options, stop),
    putArchive: (id, path, tar, stop) => putArchive(client, id, path, tar, stop),
    restart: (id, stop) => restart(client, id, stop),
    // Before 23 a container that is started again is followed on, and a follower that begins then may hear of its first lines late.
    logs: (id, since, goOn = false) => logs$(client, id, since, goOn && isSince23),
    earlierLogs: (id, stop) => earlierLogs(client, id, stop),
    events: () => events$(client),
    lifeline: () => lifeline$(client),
    engine: enginePort(client, credentials),
    close: () => client.close(),
  };
}

interface Version {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Components?: readonly { readonly Name: string }[];
}

interface Machine {
  readonly name: string;
  readonly store: 'containerd' | 'graphdriver';
}

/** Of the machine: it stays what it is while the daemon is there, and telling it costs one more than all the rest. */
const machines = new WeakMap<Client, Machine>();

async function machineOf(client: Client, stop: AbortSignal): Promise<Machine> {
  const known = machines.get(client);
  if (known) return known;
  interface Answer {
    readonly Name: string;
    readonly DriverStatus?: readonly (readonly string[])[] | null;
  }
  const { Name, DriverStatus } = await getJson<Answer>(client, '/info', stop);
  const isContainerd = (DriverStatus ?? []).some(([, value]) => value?.startsWith('io.containerd.snapshotter'));
  const found: Machine = { name: Name, store: isContainerd ? 'containerd' : 'graphdriver' };
  machines.set(client, found);
  return found;
}

async function infoOf(client: Client, env: Env, stop?: AbortSignal): Promise<DockerInfo> {
  const { version, machine } = await daemonOf(client, stop);
  const { context, host } = client.endpoint;
  const { Version, Arch: arch } = version;
  const podman = isPodman(version) ? { isPodman: true } : {};
  return { context, host, version: Version, arch, buildkit: hasBuildkit(version, env), ...podman, ...machine };
}

async function daemonOf(client: Client, stop?: AbortSignal) {
  const { endpoint } = client;
  const patience = AbortSignal.timeout(limits.dockerConnectMs);
  const abortSignal = stop ? AbortSignal.any([stop, patience]) : patience;
  try {
    const [version, machine] = await Promise.all([
      getJson<Version>(client, '/version', abortSignal),
      machineOf(client, abortSignal),
    ]);
    return { version, machine };
  } catch (error) {
    machines.delete(client);
    if (isAbort(error) && !stop?.aborted) {
      client.giveUp();
      throw new ProblemError(unreachableProblem(endpoint, `no answer in ${limits.dockerConnectMs / 1000} s`));
    }
    throw failureOf(error, endpoint, 'asking Docker for its version', stop);
  }
}

/** The API has it since 1.39, whatever the daemon's default; Windows daemons and Podman take the parameter and ignore it. */
function hasBuildkit(version: Version, env: Env): boolean {
  return isSince(version, env, 39) && version.Os === 'linux' && !isPodman(version) && wantsBuildkit(env);
}

const isPodman = ({ Components }: Version): boolean => (Components ?? []).some(({ Name }) => /podman/i.test(Name));

/** Whether the API that is spoken is 1.`minor` or newer. */
function isSince({ ApiVersion }: Version, env: Env, since: number): boolean {
  const [major = 0, minor = 0] = (env.DOCKER_API_VERSION || ApiVersion).replace(/^v/, '').split('.').map(Number);
  return major > 1 || minor >= since;
}

/** As the CLI reads it: a word of Go's ParseBool, and an error for any other. */
function wantsBuildkit({ DOCKER_BUILDKIT: asked = '' }: Env): boolean {
  if (['', '1', 't', 'T', 'true', 'True', 'TRUE'].includes(asked)) return true;
  if (['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(asked)) return false;
  throw new ProblemError({
    kind: 'yours',
    code: 'S202',
    what: `DOCKER_BUILDKIT is neither true nor false: ${JSON.stringify(asked.slice(0, 40))}`,
    hint: 'set it to 1 or 0, or unset it',
  });
}
