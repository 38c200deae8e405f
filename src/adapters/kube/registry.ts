// The registry a cluster announces, so that images are pushed to where its nodes pull from.
import { parse } from 'yaml';
import type { Announced, KubeInfo, KubePort } from '../../model/ports.ts';
import { isProblemError, type Problem, problemOf } from '../../model/problems/problem.ts';

type Reads = Pick<KubePort, 'get' | 'list'>;

/** What is told becomes part of image names: anything else than a host with a path is not taken. */
const host = (value: unknown): string | null =>
  typeof value === 'string' && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9._/-]+)?$/i.test(value)
    ? value
    : null;

/** KEP-1755: ConfigMap kube-public/local-registry-hosting, written by kind's script, k3d, ctlptl and others. */
async function announced({ get }: Reads, stop: AbortSignal): Promise<Announced | null> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-public', name: 'local-registry-hosting' };
  const map = (await get(ref, stop)) as { data?: Record<string, unknown> } | null;
  const text = map?.data?.['localRegistryHosting.v1'];
  if (typeof text !== 'string' || text.length > 10_000) return null;
  const hosting = parse(text, { maxAliasCount: 0, logLevel: 'error' }) as Record<string, unknown> | null;
  const found = host(hosting?.host);
  if (!found) return null;
  const [hostFromCluster, hostFromPods] = [
    host(hosting?.hostFromContainerRuntime),
    host(hosting?.hostFromClusterNetwork),
  ];
  return { host: found, hostFromCluster, ...(hostFromPods ? { hostFromPods } : {}) };
}

/** MicroK8s' add-on: a Service with a node port on this machine. */
async function microk8s({ get }: Reads, info: KubeInfo, stop: AbortSignal): Promise<Announced | null> {
  if (info.local !== 'microk8s') return null;
  const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'container-registry', name: 'registry' };
  const service = (await get(ref, stop)) as { spec?: { ports?: { nodePort?: unknown }[] } } | null;
  const port = service?.spec?.ports?.find((one) => typeof one.nodePort === 'number')?.nodePort;
  return typeof port === 'number' ? { host: `localhost:${port}`, hostFromCluster: null } : null;
}

/** Older scripts annotate the nodes. */
async function annotated({ list }: Reads, stop: AbortSignal): Promise<Announced | null> {
  for (const { metadata } of await list('v1', 'Node', null, null, stop)) {
    const notes = metadata.annotations ?? {};
    const found = host(notes['tilt.dev/registry'] ?? notes['kind.x-k8s.io/registry']);
    if (found) return { host: found, hostFromCluster: host(notes['tilt.dev/registry-from-cluster']) };
  }
  return null;
}

/** Null when none is announced; `unread` where there may be one: rights on one namespace do not show what all share. */
export async function findRegistry(
  reads: Reads,
  info: KubeInfo,
  stop: AbortSignal,
): Promise<Announced | { readonly unread: Problem } | null> {
  let unread: Problem | null = null;
  for (const look of [announced, (_: Reads, s: AbortSignal) => microk8s(reads, info, s), annotated]) {
    try {
      const found = await look(reads, stop);
      if (found) return found;
    } catch (error) {
      if ((error as Error).name === 'AbortError' || (isProblemError(error) && error.problem.kind === 'unavailable'))
        throw error;
      // Few may look at the nodes, and older scripts alone leave word there.
      if (look === announced) unread = problemOf(error);
    }
  }
  return unread && { unread };
}
