// What a daemon says of itself: its version, and the machine that it is on.
import { limits } from '../../../model/limits.ts';
import type { DockerPort } from '../../../model/ports.ts';
import { isAbort, ProblemError } from '../../../model/problems/problem.ts';
import { once } from '../../../operators/promises/once.ts';
import { timeoutSignal } from '../../../operators/promises/timeout-signal.ts';
import type { Env } from '../../registry/config-file.ts';
import { type Client, getJson } from './client.ts';
import { failureOf, unreachableProblem } from './failure.ts';

export interface Version {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Components?: readonly { readonly Name: string }[];
}

export interface Machine {
  readonly name: string;
  /** Version of the kernel, as `uname -r` says it. */
  readonly kernel: string;
  readonly store: 'containerd' | 'graphdriver';
}

/** Of the machine: it stays what it is while the daemon is there, and telling it costs one more than all the rest. */
const machines = new WeakMap<Client, Machine>();

export const machineOf = async (client: Client, stop: AbortSignal): Promise<Machine> =>
  machines.get(client) ??
  once(
    client,
    'machine',
    (shared) => answered(client, (patience) => askedMachine(client, patience), shared, 'asking Docker for its machine'),
    stop,
  );

async function askedMachine(client: Client, stop: AbortSignal): Promise<Machine> {
  interface Answer {
    readonly Name: string;
    readonly KernelVersion: string;
    readonly DriverStatus?: readonly (readonly string[])[] | null;
  }
  const { Name, KernelVersion, DriverStatus } = await getJson<Answer>(client, '/info', stop);
  const isContainerd = (DriverStatus ?? []).some(([, value]) => value?.startsWith('io.containerd.snapshotter'));
  const found: Machine = { name: Name, kernel: KernelVersion, store: isContainerd ? 'containerd' : 'graphdriver' };
  machines.set(client, found);
  return found;
}

export const versionOf = (client: Client, stop?: AbortSignal): Promise<Version> =>
  answered(client, (patience) => getJson<Version>(client, '/version', patience), stop, 'asking Docker for its version');

/** What the daemon has said at the connection is said again to the first who asks right after it; from then on it is asked. */
export function informed(client: Client, env: Env, atFirst: Version): DockerPort['info'] {
  const until = performance.now() + limits.healthEveryMs;
  let said: Version | null = atFirst;
  return async (stop) => {
    const known = performance.now() < until ? said : null;
    said = null;
    const [version, { name, store }] = await Promise.all([
      known ?? versionOf(client, stop),
      machineOf(client, stop ?? client.closed),
    ]);
    const { context, host } = client.endpoint;
    const { Version, Arch: arch } = version;
    const podman = isPodman(version) ? { isPodman: true } : {};
    return { context, host, version: Version, arch, buildkit: hasBuildkit(version, env), ...podman, name, store };
  };
}

/** Within limits.dockerConnectMs; else nothing more is expected of it. */
async function answered<T>(
  client: Client,
  ask: (stop: AbortSignal) => Promise<T>,
  stop: AbortSignal | undefined,
  doing: string,
): Promise<T> {
  const { endpoint } = client;
  const patience = timeoutSignal(limits.dockerConnectMs);
  try {
    return await ask(stop ? AbortSignal.any([stop, patience]) : patience);
  } catch (error) {
    machines.delete(client);
    if (isAbort(error) && !stop?.aborted) {
      client.giveUp();
      throw new ProblemError(unreachableProblem(endpoint, `no answer in ${limits.dockerConnectMs / 1000} s`));
    }
    throw failureOf(error, endpoint, doing, stop);
  }
}

/** The API has it since 1.39, whatever the daemon's default; Windows daemons and Podman take the parameter and ignore it. */
export function hasBuildkit(version: Version, env: Env): boolean {
  return isSince(version, env, 39) && version.Os === 'linux' && !isPodman(version) && wantsBuildkit(env);
}

export const isPodman = ({ Components }: Version): boolean =>
  (Components ?? []).some(({ Name }) => /podman/i.test(Name));

/** Whether the API that is spoken is 1.`minor` or newer. */
export function isSince({ ApiVersion }: Version, env: Env, since: number): boolean {
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
