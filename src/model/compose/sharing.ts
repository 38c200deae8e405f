// Which services a service shares something with: their containers are part of its own.
import type { ComposeService } from '../compose.ts';
import type { ResourceSpec } from '../config.ts';

type Shares = Pick<ComposeService, 'network_mode' | 'ipc' | 'pid' | 'volumes_from'>;

const prefix = 'service:';

/** Names of the services whose container this one cannot be without. */
export function sharedServices({ network_mode: net, ipc, pid, volumes_from: from = [] }: Shares): readonly string[] {
  const named = [net, ipc, pid].flatMap((mode) => (mode?.startsWith(prefix) ? [mode.slice(prefix.length)] : []));
  const mounted = from.flatMap((each) => (each.startsWith('container:') ? [] : [each.split(':')[0] ?? '']));
  return [...new Set([...named, ...mounted])];
}

/** Of the same project. */
export const sharesWith = (spec: ResourceSpec, other: ResourceSpec): boolean =>
  spec.kind === 'compose' &&
  other.kind === 'compose' &&
  spec.compose.name === other.compose.name &&
  sharedServices(spec.config).includes(other.service);
