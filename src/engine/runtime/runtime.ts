// What runs now, per resource, from what controllers, pods and the local server say: the readiness rules.
import { templateLabel } from '../../model/labels.ts';
import type { PodsWanted } from '../../model/manifests/images/inject.ts';
import { isLasting } from '../../model/manifests/replicas.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { Deployed } from '../../model/run.ts';
import type { EngineState, KubernetesState, LocalState, ResourceState } from '../../model/state.ts';
import { byPods } from '../readiness/by-pods.ts';
import { podsOf } from '../readiness/controller-status.ts';
import { standingOf } from '../readiness/controllers.ts';
import { type Standing, together } from '../readiness/standing.ts';
import { takingTraffic } from '../readiness/traffic.ts';
import { isOfNewest, workloadFor } from '../readiness/workload-index.ts';
import { deployOf, noRuntime as none, type Runtime } from '../resources/resource.ts';
import { jobRuntime } from './job-pods.ts';
import { resourceOfPod } from './pod-owner.ts';
import { composeRuntime } from './service-containers.ts';

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

export function runtimeOf(state: EngineState, resource: ResourceState, pods: readonly Pod[]): Runtime {
  if (!resource.enabled) return { ...none, text: 'disabled' };
  if (resource.kind === 'local') return localRuntime(resource);
  return resource.kind === 'compose' ? composeRuntime(resource, pods) : kubeRuntime(state, resource, pods);
}

function localRuntime(resource: LocalState): Runtime {
  const {
    spec,
    server: { process: server },
  } = resource;
  if (spec.serve === null) return resource.update.hasSucceeded ? { ...none, status: 'done', text: 'done' } : none;
  if (!resource.server.serves) return none;
  if (server?.generation !== resource.used.generations) return { ...none, status: 'pending', text: 'starting' };
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
        text: resource.server.restartAt !== null ? 'crashed, restarting' : 'crashed',
        problem: server.problem,
        stuck: resource.server.restartAt === null,
        mends: resource.server.restartAt === null ? 'never' : 'restarts',
        crashes: resource.server.failures,
      };
  }
}

/** Pods of the current deploy; pods made by others (selectors) count as they are. */
export function currentPods(state: EngineState, resource: ResourceState, pods: readonly Pod[]): readonly Pod[] {
  const templates = deployOf(resource)?.result?.templates ?? [];
  return pods.filter((pod) => !pod.deleting && isCurrent(state, templates, pod));
}

function isCurrent(state: EngineState, templates: Deployed['templates'], pod: Pod): boolean {
  const hash = pod.labels[templateLabel];
  if (templates.length === 0 || hash === undefined) return true;
  const of = templates.filter((template) => template.hash === hash);
  return of.some((template) => {
    const workload = workloadFor(state, template);
    return workload === null || isOfNewest(state, workload, pod) !== false;
  });
}

function kubeRuntime(state: EngineState, resource: KubernetesState, pods: readonly Pod[]): Runtime {
  const { spec } = resource;
  const deployed = resource.deploy.result;
  if (!deployed) return none;
  if (spec.ready === 'none' || (spec.workload === null && spec.selectors.length === 0))
    return { ...none, status: 'ready', text: 'deployed' };
  if (deployed.alreadyDone) return { ...none, status: 'done', text: 'Completed' };
  const current = currentPods(state, resource, pods);
  const standing = (template: PodsWanted): Standing => standingOf(state, resource, template, pods, current);
  const jobs = deployed.templates.filter(({ kind }) => kind === 'Job');
  if (spec.ready === 'job') return jobs.length > 0 ? together(jobs.map(standing)) : jobRuntime(resource, current);
  const lasting = deployed.templates.filter(isLasting).map(standing);
  // Made by others: nothing says how many there should be but the manifest of what makes them.
  const all = lasting.length > 0 ? lasting : [byPods('', spec.workload?.replicas ?? 1, current, resource.events)];
  // A Job beside them counts when it has failed: it is done by and by.
  const beside = jobs.map(standing).filter(({ status }) => status === 'failed');
  const runtime = together([...all, ...beside]);
  const late = runtime.status === 'ready' ? oldWithTraffic(state, deployed.templates, pods) : 0;
  if (late === 0) return runtime;
  return { ...none, status: 'pending', text: `${podsOf(late, 'old')} still in a Service` };
}

/** Pods of an older revision that are on their way out, and that Services still send to. */
const oldWithTraffic = (state: EngineState, templates: Deployed['templates'], pods: readonly Pod[]): number =>
  pods.filter((pod) => pod.deleting && takingTraffic(state).has(pod.uid) && !isCurrent(state, templates, pod)).length;
