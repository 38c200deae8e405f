// Port-forwards that should be there, each with the pod to reach now. A spec without container port is filled from the pod.
import type { PortForward } from '../../model/config.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { those } from '../resources/those.ts';
import { currentPods, podsByResource } from '../runtime/runtime.ts';

export interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

export interface Forward {
  readonly resource: string;
  readonly host: string;
  readonly local: number;
  /** Ready pod to connect to; null while there is none: connections wait. */
  readonly target: Target | null;
  /** What to try when waiting did not help: running, though not ready. */
  readonly fallback: Target | null;
  /** No port can be found in the pod: the forward is dropped, with a warning. */
  readonly unfillable: boolean;
}

/** By `resource host:local`. */
export function forwardsOf(state: EngineState): Readonly<Record<string, Forward>> {
  const all: Record<string, Forward> = {};
  // A cluster out of reach for a moment takes no port away: connections wait.
  if (state.phase !== 'up') return all;
  const pods = podsByResource(state);
  for (const resource of forwardingIn(state)) {
    const { spec } = resource;
    if (spec.kind !== 'kubernetes') continue;
    const { name } = spec;
    for (const port of spec.ports)
      all[`${name} ${port.host}:${port.local}`] = forward(
        port,
        resource,
        currentPods(state, resource, pods.get(name) ?? []),
      );
  }
  return all;
}

const forwardingIn = those(
  (resource: ResourceState) =>
    resource.kind === 'kubernetes' &&
    resource.spec.ports.length > 0 &&
    resource.enabled &&
    resource.deploy.result !== null,
);

function forward(port: PortForward, resource: ResourceState, current: readonly Pod[]): Forward {
  const byAge = [...current].sort((a, b) => b.createdAt - a.createdAt || a.name.localeCompare(b.name));
  const running = byAge.filter((pod) => pod.phase === 'Running');
  const ready = running.find((pod) => pod.ready);
  const target = (pod: Pod | undefined): Target | null => {
    const container = pod ? populate(port, pod) : null;
    return pod && container !== null ? { namespace: pod.namespace, pod: pod.name, port: container } : null;
  };
  const sample = byAge[0];
  return {
    resource: resource.spec.name,
    host: port.host,
    local: port.local,
    target: target(ready),
    fallback: target(running[0]),
    unfillable: sample !== undefined && populate(port, sample) === null,
  };
}

/** The container port: as written, else the pod's declared port equal to the local one, else its first; null when it declares none. */
export function populate(port: PortForward, pod: Pod): number | null {
  if (port.container !== null) return port.container;
  const declared = pod.containers
    .filter((container) => container.type === 'main')
    .flatMap((container) => container.ports);
  return declared.includes(port.local) ? port.local : (declared[0] ?? null);
}

export const sameForward = (a: Forward, b: Forward): boolean => JSON.stringify(a) === JSON.stringify(b);
