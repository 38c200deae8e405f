// What runs now, per resource, from the pods and the local server: readiness rules, and which change is live.
import type { KubeSpec } from '../model/config.ts';
import type { Pod } from '../model/pod.ts';
import type { Problem } from '../model/problem.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { resourceOfPod } from './fold/pods.ts';

type Runtime = Omit<ResourceState['runtime'], 'since'>;

const none: Runtime = { status: 'none', text: '', problem: null, stuck: false };

/** Waiting reasons that will not mend themselves by waiting a moment (the peers' list). */
const failing = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RunContainerError',
  'StartError',
  'Error',
  'CreateContainerConfigError',
  'CreateContainerError',
  'OOMKilled',
  'Init:CrashLoopBackOff',
  'Init:Error',
  'Init:ErrImagePull',
  'Init:ImagePullBackOff',
]);

/** Pods of every resource, oldest first. One pass over all pods. */
export function podsByResource(state: EngineState): ReadonlyMap<string, readonly Pod[]> {
  const map = new Map<string, Pod[]>();
  for (const pod of Object.values(state.pods)) {
    const name = resourceOfPod(state, pod);
    if (!name) continue;
    const list = map.get(name);
    if (list) list.push(pod);
    else map.set(name, [pod]);
  }
  for (const list of map.values()) list.sort((a, b) => a.createdAt - b.createdAt || a.name.localeCompare(b.name));
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
  if (resource.generation === 0) return none;
  if (server?.generation !== resource.generation) return { ...none, status: 'pending', text: 'starting' };
  switch (server.status) {
    case 'ready':
      return { ...none, status: 'ready', text: 'running' };
    case 'starting':
      return { ...none, status: 'pending', text: 'waiting for readiness', problem: server.problem };
    case 'unready':
      return { status: 'failed', text: 'not ready', problem: server.problem, stuck: false };
    case 'failed':
      return { status: 'failed', text: 'cannot start', problem: server.problem, stuck: true };
    case 'exited':
      if (server.problem === null) return { ...none, status: 'done', text: 'ended' };
      return {
        status: 'failed',
        text: resource.restartAt ? 'crashed, restarting' : 'crashed',
        problem: server.problem,
        stuck: resource.restartAt === null,
      };
  }
}

/** Pods of the current deploy; pods made by others (selectors) count as they are. */
export function currentPods(resource: ResourceState, pods: readonly Pod[]): readonly Pod[] {
  const template = resource.deployed?.template ?? null;
  return pods.filter(
    (pod) =>
      !pod.deleting &&
      (template === null || pod.labels['sluice-template'] === undefined || pod.labels['sluice-template'] === template),
  );
}

function kubeRuntime(resource: ResourceState, spec: KubeSpec, pods: readonly Pod[]): Runtime {
  if (!resource.deployed) return none;
  if (spec.ready === 'none' || (spec.workload === null && spec.selectors.length === 0))
    return { ...none, status: 'ready', text: 'deployed' };
  const current = currentPods(resource, pods);
  if (spec.ready === 'job') return jobRuntime(resource, current);
  if (spec.workload?.replicas === 0) return { ...none, status: 'ready', text: 'scaled to 0' };
  const newestPod = current[current.length - 1];
  if (!newestPod) return { ...none, status: 'pending', text: 'waiting for pods' };
  const bad = current.find((pod) => podProblem(pod) !== null);
  if (bad) return { status: 'failed', text: bad.status, problem: podProblem(bad), stuck: true };
  const ready = current.filter((pod) => pod.ready).length;
  const expected = spec.workload?.replicas ?? 1;
  const text = expected > 1 ? `${ready}/${expected} ready` : newestPod.status;
  if (ready >= Math.max(1, expected)) return { ...none, status: 'ready', text };
  return { ...none, status: 'pending', text, stuck: newestPod.message !== null && newestPod.node === null };
}

function jobRuntime(resource: ResourceState, pods: readonly Pod[]): Runtime {
  if (resource.deployed?.alreadyDone) return { ...none, status: 'done', text: 'Completed' };
  const newestPod = pods[pods.length - 1];
  if (pods.some((pod) => pod.phase === 'Succeeded')) return { ...none, status: 'done', text: 'Completed' };
  if (!newestPod) return { ...none, status: 'pending', text: 'waiting for pods' };
  const problem = podProblem(newestPod);
  return problem
    ? { status: 'failed', text: newestPod.status, problem, stuck: true }
    : { ...none, status: 'pending', text: newestPod.status };
}

/** Only a pod that cannot get better by waiting is a problem; kubectl's words say which. */
export function podProblem(pod: Pod): Problem | null {
  const bad = pod.containers.find(
    (container) =>
      (container.state === 'waiting' && container.reason !== null && failing.has(container.reason)) ||
      (container.state === 'terminated' && container.exitCode !== 0 && container.exitCode !== null),
  );
  const isFailed = pod.phase === 'Failed' || failing.has(pod.status);
  if (!bad && !isFailed) return null;
  const where = bad ? `container ${bad.name} of pod ${pod.name}` : `pod ${pod.name}`;
  const code = bad?.exitCode ?? bad?.last?.exitCode;
  const exit = code !== undefined && code !== null ? ` (exit code ${code})` : '';
  return {
    kind: 'step',
    code: 'S350',
    what: `${where}: ${bad?.reason ?? pod.status}${exit}${pod.message ? `: ${pod.message}` : ''}`,
    hint: hintFor(bad?.reason ?? pod.status),
  };
}

function hintFor(reason: string): string {
  if (/image/i.test(reason))
    return 'can the node pull this image? see the events of the resource and `registry` in sluice.yaml';
  if (reason === 'CreateContainerConfigError') return 'a ConfigMap or Secret it refers to is missing: see the events';
  if (reason === 'OOMKilled') return 'raise its memory limit';
  return 'its last log lines say why; a save starts it again with the new code';
}

/** The newest change that is running: what the last successful run contained, once its result is up. */
export function liveChange(resource: ResourceState): number {
  const isUp = resource.runtime.status === 'ready' || resource.runtime.status === 'done';
  return isUp ? Math.max(resource.live, resource.contained) : resource.live;
}
