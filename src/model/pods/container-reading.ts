// A container of a Compose service as a pod of one: whatever looks at pods (the screen, logs, ledgers, trials) sees it as one.
import { composeLabels, composeNamespace } from '../compose/names.ts';
import { isLoopback } from '../hosts/daemon-host.ts';
import type { EngineContainer, PublishedPort } from '../ports/containers.ts';
import type { Container, ContainerOrigin, Pod } from './pod.ts';

/** Null for what belongs to no service, and for one-offs (`docker compose run`). `host`: the machine of the daemon, null for this one. */
export function readContainer(container: EngineContainer, host: string | null = null): Pod | null {
  const { labels } = container;
  const project = labels[composeLabels.project];
  const service = labels[composeLabels.service];
  if (!project || !service || labels[composeLabels.oneoff] === 'True') return null;
  const isReady = container.state === 'running' && (container.health?.status ?? 'healthy') === 'healthy';
  return {
    uid: container.id,
    name: container.name,
    namespace: composeNamespace(project),
    createdAt: container.createdAt,
    deleting: container.state === 'removing',
    phase: phaseOf(container),
    status: statusOf(container),
    message: messageOf(container),
    ready: isReady,
    restarts: container.restarts,
    node: null,
    ip: null,
    owner: null,
    labels: {},
    containers: [asContainer(container, service, isReady)],
    compose: { project, service, urls: urlsOf(container.ports, host), madeOf: originOf(container) },
  };
}

/** The image that it was made of: with some image stores Docker tells another id of what runs. */
export const originOf = ({ labels, imageId }: EngineContainer): ContainerOrigin => ({
  hash: labels[composeLabels.hash] ?? '',
  image: labels[composeLabels.image] || imageId,
});

const hasEnded = ({ state }: EngineContainer): boolean => state === 'exited' || state === 'dead';

function phaseOf(container: EngineContainer): string {
  if (hasEnded(container)) return container.exitCode === 0 && container.error === '' ? 'Succeeded' : 'Failed';
  return container.state === 'created' ? 'Pending' : 'Running';
}

function statusOf(container: EngineContainer): string {
  const { state, exitCode, health } = container;
  if (hasEnded(container)) return `exited (${exitCode})`;
  if (state === 'restarting') return `restarting (${exitCode})`;
  if (state !== 'running' || health === null) return state;
  return health.status === 'starting' ? 'health: starting' : health.status;
}

function messageOf({ error, health, state }: EngineContainer): string | null {
  if (error) return error;
  return state === 'running' && health?.status === 'unhealthy' && health.last ? firstLine(health.last) : null;
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] as string).slice(0, 500);

function asContainer(container: EngineContainer, name: string, ready: boolean): Container {
  const { id, image, imageId, state, exitCode, oomKilled, startedAt, restarts, ports, readOnlyRoot, health } =
    container;
  const isDown = hasEnded(container) || state === 'restarting';
  return {
    name,
    type: 'main',
    lasting: true,
    id: `docker://${id}`,
    image,
    imageId,
    ready,
    state: isDown ? 'terminated' : state === 'created' ? 'waiting' : 'running',
    reason: oomKilled ? 'OOMKilled' : isDown && exitCode === 0 ? 'Completed' : null,
    exitCode: isDown ? exitCode : null,
    startedAt,
    restarts,
    last: null,
    ports: [...new Set(ports.map((port) => port.container))],
    readOnlyRoot,
    probe: health === null ? null : { windowMs: 0 },
  };
}

/**
 * Docker may give a port of its own choice twice: one number for IPv4 and another for IPv6 (moby/moby#42442). A name or an address of
 * a machine leads to the first, where any other container may have the number of the second.
 */
function urlsOf(ports: readonly PublishedPort[], machine: string | null): readonly string[] {
  const isTwin = (port: PublishedPort): boolean =>
    port.hostIp === '::' &&
    ports.some(
      (each) => each.hostIp === '0.0.0.0' && each.container === port.container && each.protocol === port.protocol,
    );
  return [...new Set(ports.filter((port) => !isTwin(port)).flatMap((port) => urlOf(port, machine)))];
}

/**
 * Published on all addresses of a machine is reached by its name; what is no TCP has no URL, nor has what another machine keeps to
 * itself.
 */
function urlOf({ protocol, hostIp, host, container }: PublishedPort, machine: string | null): readonly string[] {
  if (protocol !== 'tcp' || host === 0 || (machine !== null && isLoopback(hostIp))) return [];
  const isAll = hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::';
  const name = isAll ? (machine ?? 'localhost') : hostIp.includes(':') ? `[${hostIp}]` : hostIp;
  return [`${container === 443 || container === 8443 ? 'https' : 'http'}://${name}:${host}`];
}
