// Containers as Compose makes them: looking at them, making them, ending them.
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type {
  ContainerState,
  ContainerSummary,
  EngineContainer,
  EngineRequest,
  PublishedPort,
} from '../../../model/ports/containers.ts';
import { call } from '../connection/call.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, statusOf } from '../connection/failure.ts';
import { noteSeen } from './last-seen.ts';

/** What was gone, or was so already, between the listing and the look, is left out. */
export async function listEngineContainers(
  client: Client,
  labels: readonly string[],
  stop: AbortSignal,
): Promise<readonly EngineContainer[]> {
  const found = await listed(client, labels, stop);
  const all = await Promise.all(found.map(({ Id }) => lookAt(client, Id, stop)));
  return all.filter((one) => one !== null);
}

export const summariesOf = async (
  client: Client,
  labels: readonly string[],
  stop: AbortSignal,
): Promise<readonly ContainerSummary[]> =>
  (await listed(client, labels, stop)).map(({ Id, Names, Labels, State, NetworkSettings }) => ({
    id: Id,
    name: ownName(Names ?? []) ?? Id.slice(0, 12),
    labels: Labels ?? {},
    state: State as ContainerState,
    networkIds: Object.values(NetworkSettings?.Networks ?? {}).map(({ NetworkID }) => NetworkID),
  }));

/** Names below that of another container are those of its links to this one. */
const ownName = (names: readonly string[]): string | undefined =>
  names.map((name) => name.replace(/^\//, '')).find((name) => !name.includes('/'));

async function listed(client: Client, labels: readonly string[], stop: AbortSignal): Promise<readonly ContainerInfo[]> {
  const options = { all: true, filters: { label: [...labels] }, abortSignal: stop };
  try {
    return await client.docker.listContainers(options as Parameters<typeof client.docker.listContainers>[0]);
  } catch (error) {
    throw failureOf(error, client.endpoint, 'listing containers', stop);
  }
}

export async function lookAt(client: Client, id: string, stop: AbortSignal): Promise<EngineContainer | null> {
  try {
    const found = await client.docker.getContainer(id).inspect({ abortSignal: stop });
    noteSeen(client, found);
    return read(found);
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw failureOf(error, client.endpoint, `looking at the container ${id.slice(0, 12)}`, stop);
  }
}

export async function createContainer(
  client: Client,
  name: string,
  request: EngineRequest,
  platform: string | null,
  stop: AbortSignal,
): Promise<string> {
  try {
    // dockerode puts all of it into the address as well, where daemons log it and which may not be long.
    const query = { name, ...(platform ? { platform } : {}) };
    const create = { method: 'POST' as const, path: '/containers/create', query, body: request };
    return (await call<{ Id: string }>(client, create, stop)).Id;
  } catch (error) {
    throw failureOf(error, client.endpoint, `making the container ${name}`, stop);
  }
}

export const startContainer = (client: Client, id: string, stop: AbortSignal): Promise<void> =>
  act(client, `starting ${id.slice(0, 12)}`, stop, [304], () =>
    client.docker.getContainer(id).start({ abortSignal: stop }),
  );

export const stopContainer = (client: Client, id: string, graceS: number | null, stop: AbortSignal): Promise<void> =>
  act(client, `stopping ${id.slice(0, 12)}`, stop, [304, 404], () =>
    client.docker.getContainer(id).stop({ ...(graceS === null ? {} : { t: graceS }), abortSignal: stop }),
  );

/** 409: somebody removes it already. */
export const removeContainer = (client: Client, id: string, volumes: boolean, stop: AbortSignal): Promise<void> =>
  act(client, `removing ${id.slice(0, 12)}`, stop, [404, 409], () =>
    client.docker.getContainer(id).remove({ force: true, v: volumes, abortSignal: stop }),
  );

export const renameContainer = (client: Client, id: string, name: string, stop: AbortSignal): Promise<void> =>
  act(client, `renaming ${id.slice(0, 12)} to ${name}`, stop, [], () =>
    client.docker.getContainer(id).rename({ name, abortSignal: stop }),
  );

export async function waitContainer(client: Client, id: string, stop: AbortSignal): Promise<number> {
  try {
    const { StatusCode } = await client.docker.getContainer(id).wait({ abortSignal: stop });
    return StatusCode;
  } catch (error) {
    throw failureOf(error, client.endpoint, `waiting for ${id.slice(0, 12)}`, stop);
  }
}

/** `fine`: answers that say that there is nothing to do any more. */
async function act(
  client: Client,
  doing: string,
  stop: AbortSignal,
  fine: readonly number[],
  make: () => Promise<unknown>,
): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (fine.includes(statusOf(error) ?? 0)) return;
    throw failureOf(error, client.endpoint, doing, stop);
  }
}

/** The year 1 stands for never. */
const timeOf = (text: string | undefined): number | null => {
  const at = Date.parse(text ?? '');
  return at > 0 ? at : null;
};

function read(info: ContainerInspectInfo): EngineContainer {
  const { State, Config, HostConfig, NetworkSettings } = info;
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: Config.Image,
    imageId: info.Image,
    labels: Config.Labels ?? {},
    state: State.Status as ContainerState,
    exitCode: State.ExitCode,
    oomKilled: State.OOMKilled,
    error: State.Error,
    createdAt: timeOf(info.Created) ?? 0,
    startedAt: timeOf(State.StartedAt),
    finishedAt: timeOf(State.FinishedAt),
    restarts: info.RestartCount,
    restartPolicy: HostConfig.RestartPolicy?.Name ?? '',
    health: healthOf(State.Health),
    readOnlyRoot: HostConfig.ReadonlyRootfs ?? false,
    ports: portsOf(NetworkSettings?.Ports ?? {}),
    // Podman tells its name in place of its id.
    networks: Object.fromEntries(
      Object.entries(NetworkSettings?.Networks ?? {}).map(([name, { NetworkID }]) => [
        name,
        NetworkID === name ? '' : (NetworkID ?? ''),
      ]),
    ),
    volumes: (info.Mounts ?? []).flatMap(({ Type, Name, Destination }) =>
      Type === 'volume' && Name ? [{ name: Name, target: Destination }] : [],
    ),
  };
}

type Health = ContainerInspectInfo['State']['Health'];

/** Podman has an empty one for what has no healthcheck. */
function healthOf(health: Health): EngineContainer['health'] {
  if (!health?.Status || health.Status === 'none') return null;
  const last = health.Log?.at(-1)?.Output ?? '';
  return { status: health.Status as 'starting' | 'healthy' | 'unhealthy', last: last.trim() };
}

type Ports = Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>;

const portsOf = (ports: Ports): readonly PublishedPort[] =>
  Object.entries(ports).flatMap(([key, bindings]) => {
    const [container = '', protocol = 'tcp'] = key.split('/');
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      container: Number(container),
      protocol,
      hostIp: HostIp,
      host: Number(HostPort),
    }));
  });
