// Containers of other services that a service shares something with: `network_mode`, `ipc` and `pid` of `service:NAME`, and
// `volumes_from`. Compose writes their ids into the service before it hashes it, so that a container goes with the one it shares.
import type { ComposeService } from '../../../model/compose.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import type { EngineContainer } from '../../../model/ports/containers.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { lookup } from '../../../model/text/lookup.ts';
import { configHash } from '../config-hash.ts';

/** Containers of other services that this one shares something with or is linked to, by service; the first one first. */
export type Others = Readonly<Record<string, readonly OtherContainer[]>>;
export type OtherContainer = Pick<EngineContainer, 'id' | 'name' | 'labels'>;

const prefix = 'service:';

/** `service:NAME` is the container of that service; anything else is Docker's own word. */
export function sharedMode(mode: string | undefined, idOf: (service: string) => string): string | undefined {
  return mode?.startsWith(prefix) ? `container:${idOf(mode.slice(prefix.length))}` : mode;
}

/** `NAME[:MODE]` of a service or of `container:NAME`, as the Engine API takes it. */
export function volumesFrom(from: string, idOf: (service: string) => string): string {
  if (from.startsWith('container:')) return from.slice('container:'.length);
  const [service = '', mode] = from.split(':');
  return mode ? `${idOf(service)}:${mode}` : idOf(service);
}

/** The label by which Compose tells whether a container is as its service is configured. */
export function hashWith({ config, service, at }: ComposeSpec, others: Others): string {
  const idOf = (name: string) => idAmong(others, name, { service, at });
  const { network_mode: net, ipc, pid, volumes_from: from } = config;
  return configHash({
    ...config,
    ...(net ? { network_mode: sharedMode(net, idOf) } : {}),
    ...(ipc ? { ipc: sharedMode(ipc, idOf) } : {}),
    ...(pid ? { pid: sharedMode(pid, idOf) } : {}),
    // Compose forgets the mode here, and in the container it makes; in ours it is kept.
    ...(from ? { volumes_from: from.map((each) => volumesFrom(each, idOf).split(':')[0] as string) } : {}),
  } as ComposeService);
}

/** Throws where it has none. */
export function idAmong(others: Others, service: string, by: Pick<ComposeSpec, 'service' | 'at'>): string {
  const [first] = lookup(others, service) ?? [];
  if (first) return first.id;
  throw new ProblemError({
    kind: 'unavailable',
    code: 'S377',
    what: `${by.service}: the service ${service}, which it shares something with, has no container`,
    hint: `is ${service} among what it depends on?`,
    at: by.at,
  });
}
