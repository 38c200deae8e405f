// What runs now, per resource, from the pods and the local server: the readiness rules.
import type { KubeSpec } from '../model/config.ts';
import { isLasting } from '../model/manifests/replicas.ts';
import type { Pod } from '../model/pod.ts';
import type { Deployed } from '../model/run.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { resourceOfPod } from './fold/belonging.ts';
import { jobRuntime } from './job.ts';
import { podFailure, worst } from './pod-problem.ts';
import { noRuntime as none, type Runtime } from './resource.ts';

type Pods = ReadonlyMap<string, readonly Pod[]>;

/** Whom a pod belongs to changes with the pods and with the configuration alone, and is asked for at every fact. */
const sorted = new WeakMap<
  EngineState['pods'],
  { readonly of: EngineState['config']['current']; readonly pods: Pods }
>();

/** Pods of every resource, oldest first. One pass over all pods, once per set of pods. */
export function podsByResource(state: EngineState): Pods {
  const known = sorted.get(state.pods);
  if (known && known.of === state.config.current) return known.pods;
  const map = new Map<string, Pod[]>();
  for (const pod of Object.values(state.pods)) {
    const name = resourceOfPod(state, pod);
    if (!name) continue;
    const list = map.get(name);
    if (list) list.push(pod);
    else map.set(name, [pod]);
  }
  for (const list of map.values()) list.sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
  sorted.set(state.pods, { of: state.config.current, pods: map });
  return map;
}

export function runtimeOf(resource: ResourceState, pods: readonly Pod[]): Runtime {
  if (!resource.enabled) return { ...none, text: 'disabled' };
  return resource.spec.kind === 'local' ? localRuntime(resource) : kubeRuntime(resource, resource.spec, pods);
}

function localRuntime(resource: ResourceState): Runtime {
  const { spec, server } = resource;
  if (spec.kind !== 'local') return none;
  if (spec.serve === null) return resource.hasSucceeded ? { ...none, status: 'done', text: 'done' } : none;
  if (!resource.serves) return none;
  if (server?.generation !== resource.generation) return { ...none, status: 'pending', text: 'starting' };
  switch (server.status) {
    case 'ready':
      return { ...none, status: 'ready', text: 'running' };
    case 'starting':
      return { ...none, status: 'pending', text: 'waiting for readiness', problem: server.problem };
    case 'unready':
      return { ...none, status: 'failed', text: 'not ready', problem: server.problem };
    case 'failed':
      return { ...none, status: 'failed', text: 'cannot start', problem: server.problem, stuck: true };
    case 'exited':
      if (server.problem === null) return { ...none, status: 'done', text: 'ended' };
      return {
        ...none,
        status: 'failed',
        text: resource.restartAt !== null ? 'crashed, restarting' : 'crashed',
        problem: server.problem,
        stuck: resource.restartAt === null,
        mends: resource.restartAt === null ? 'never' : 'restarts',
        crashes: resource.failures,
      };
  }
}

const templateLabel = 'sluice-template';

/** Pods of the current deploy; pods made by others (selectors) count as they are. */
export function currentPods(resource: ResourceState, pods: readonly Pod[]): readonly Pod[] {
  const hashes = resource.deployed?.templates.map(({ hash }) => hash) ?? [];
  return pods.filter(
    ({ deleting, labels: { [templateLabel]: hash } }) =>
      !deleting && (hashes.length === 0 || hash === undefined || hashes.includes(hash)),
  );
}

function kubeRuntime(resource: ResourceState, spec: KubeSpec, pods: readonly Pod[]): Runtime {
  if (!resource.deployed) return none;
  if (spec.ready === 'none' || (spec.workload === null && spec.selectors.length === 0))
    return { ...none, status: 'ready', text: 'deployed' };
  const current = currentPods(resource, pods);
  if (spec.ready === 'job') return jobRuntime(resource, current);
  if (isScaledToNothing(resource.deployed, spec)) return { ...none, status: 'ready', text: 'scaled to 0' };
  const newest = current[current.length - 1];
  if (!newest) return { ...none, status: 'pending', text: 'waiting for pods' };
  // Evicted pods stay as tombstones beside the ones that replaced them.
  const counted = current.filter((pod) => pod === newest || (pod.phase !== 'Failed' && pod.phase !== 'Succeeded'));
  const failure = worst(counted.flatMap((pod) => podFailure(pod) ?? []));
  if (failure) {
    const failed = current.filter((pod) => pod.phase === 'Failed').length;
    const text = counted.find(({ name }) => name === failure.problem.of?.pod)?.status ?? '';
    return { status: 'failed', text, stuck: true, ...failure, crashes: Math.max(failure.crashes, failed) };
  }
  if (spec.workload?.kind === 'Pod' && newest.phase === 'Succeeded')
    return { ...none, status: 'done', text: newest.status };
  return readiness(wanted(resource.deployed, spec, counted), newest);
}

const isScaledToNothing = (deployed: Deployed, { workload }: KubeSpec): boolean =>
  workload?.replicas === 0 && deployed.templates.filter(isLasting).every(({ replicas }) => replicas === 0);

/** Pods that are ready of those there should be: of each workload its own, where there are several. */
function wanted(deployed: Deployed, { workload }: KubeSpec, pods: readonly Pod[]) {
  // A Job's failure is told by its pods.
  const several = deployed.templates.filter(isLasting);
  if (several.length < 2) return count(workload?.kind ?? '', Math.max(1, workload?.replicas ?? 1), pods);
  const counts = several.map(({ hash, kind, replicas }) =>
    count(
      kind,
      replicas,
      pods.filter(({ labels }) => labels[templateLabel] === hash),
    ),
  );
  return {
    ready: counts.reduce((sum, { ready, expected }) => sum + Math.min(ready, expected), 0),
    expected: counts.reduce((sum, { expected }) => sum + expected, 0),
  };
}

/** A DaemonSet does not say how many there will be: all that are there. */
const count = (kind: string, replicas: number, pods: readonly Pod[]) => ({
  ready: pods.filter((pod) => pod.ready).length,
  expected: kind === 'DaemonSet' ? Math.max(1, pods.length) : replicas,
});

function readiness({ ready, expected }: ReturnType<typeof count>, newest: Pod): Runtime {
  const text = expected > 1 ? `${ready}/${expected} ready` : newest.status;
  if (ready >= expected) return { ...none, status: 'ready', text };
  return { ...none, status: 'pending', text, stuck: newest.message !== null && newest.node === null };
}
