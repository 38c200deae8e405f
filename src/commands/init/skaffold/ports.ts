// `portForward`: ports of workloads as they are, of Services those of the workload they lead to.
import type { KubeObject } from '../../../model/config.ts';
import { list, podTemplate, record, text } from '../../../model/manifests/workload.ts';
import { leftOut } from '../draft.ts';
import type { Keys } from '../keys.ts';

export interface Forward {
  readonly type: string;
  readonly name: string;
  readonly port: number | string;
  readonly local: number | null;
  readonly address: string | null;
}

/** One that is not said whole is left. */
export function forwardsOf(root: Keys): readonly Forward[] {
  return root.maps('portForward').flatMap((each) => {
    const [type, name, port, local] = [
      each.text('resourceType'),
      each.text('resourceName'),
      each.take('port'),
      each.take('localPort'),
    ];
    const address = each.text('address');
    each.take('namespace');
    if (!type || !name || !(typeof port === 'number' || typeof port === 'string')) {
      for (const key of each.names()) each.leave(key);
      return [];
    }
    return [{ type: type.toLowerCase(), name, port, local: typeof local === 'number' ? local : null, address }];
  });
}

export interface Forwarded {
  readonly ports: Readonly<Record<string, readonly string[]>>;
  readonly notes: readonly string[];
}

/** `objects`: all that is deployed. */
export function forwarded(forwards: readonly Forward[], objects: readonly KubeObject[]): Forwarded {
  const ports = new Map<string, readonly string[]>();
  const notes: string[] = [];
  for (const each of forwards) {
    const found = each.type === 'service' ? ofService(each, objects) : ofWorkload(each, objects);
    if (found === null) {
      const name = `portForward ${each.port} of ${each.type}/${each.name}`;
      notes.push(leftOut(name, 'it leads to no workload of the manifests'));
      continue;
    }
    const local = each.local ?? (typeof each.port === 'number' ? each.port : found.port);
    const address = each.address ? `${each.address}:` : '';
    const own = ports.get(found.workload) ?? [];
    ports.set(found.workload, [...own, `${address}${local}:${found.port}`]);
  }
  return { ports: Object.fromEntries(ports), notes };
}

interface Target {
  readonly workload: string;
  readonly port: number;
}

function ofWorkload({ type, name, port }: Forward, objects: readonly KubeObject[]): Target | null {
  const object = objects.find(({ kind, metadata }) => kind.toLowerCase() === type && metadata.name === name);
  const number = object && podTemplate(object) ? portOf(object, port) : null;
  return number === null ? null : { workload: name, port: number };
}

function ofService({ name, port }: Forward, objects: readonly KubeObject[]): Target | null {
  const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name);
  const { selector, ports } = record(service?.spec);
  const found = list(ports).find((each) => each.port === port || each.name === port);
  const wanted = Object.entries(record(selector));
  if (!found || wanted.length === 0) return null;
  const workload = objects.find((object) => {
    const labels = record(object.kind === 'Pod' ? object.metadata.labels : podTemplate(object)?.metadata.labels);
    return podTemplate(object) !== null && wanted.every(([key, value]) => labels[key] === value);
  });
  const target = found.targetPort ?? found.port;
  const number =
    workload && (typeof target === 'number' || typeof target === 'string') ? portOf(workload, target) : null;
  return workload && number !== null ? { workload: workload.metadata.name, port: number } : null;
}

/** A named port is looked up among those of the containers. */
function portOf(workload: KubeObject, port: number | string): number | null {
  if (typeof port === 'number' || /^\d+$/.test(port)) return Number(port);
  const all = list(podTemplate(workload)?.spec.containers).flatMap((container) => list(container.ports));
  const found = all.find((each) => text(each.name) === port)?.containerPort;
  return typeof found === 'number' ? found : null;
}
