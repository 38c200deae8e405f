// How each workload that was deployed stands: by the rules of its kind where its controller can be asked, else by its pods.
import { templateLabel } from '../../model/labels.ts';
import type { PodsWanted } from '../../model/manifests/images/inject.ts';
import type { Pod } from '../../model/pods/pod.ts';
import { type Workload, type WorkloadKind, workloadKinds } from '../../model/pods/workload.ts';
import type { EngineState, KubernetesState, ResourceState } from '../../model/state.ts';
import { currentRun } from '../resources/run.ts';
import { jobRuntime } from '../runtime/job-pods.ts';
import { byPods } from './by-pods.ts';
import { type Controlled, numbersOf, waitingForController } from './controller-status.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { job } from './job.ts';
import { failing } from './pod-failure.ts';
import { isLasting, reasonOf } from './reason.ts';
import { replicaSet } from './replica-set.ts';
import { done, pending, type Standing, told } from './standing.ts';
import { statefulSet } from './stateful-set.ts';
import { mayWatch } from './watched-workloads.ts';
import { madeBy, workloadFor } from './workload-index.ts';

type Rule = (subject: Controlled) => Standing;

const rules: Readonly<Record<Exclude<WorkloadKind, 'Job'>, Rule>> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  ReplicaSet: replicaSet,
  ReplicationController: replicaSet,
};

/** `pods` of the resource, oldest first; `current` those of them that are of what was deployed last. */
export function standingOf(
  state: EngineState,
  resource: KubernetesState,
  template: PodsWanted,
  pods: readonly Pod[],
  current: readonly Pod[],
): Standing {
  const { kind, hash, controller, isDone } = template;
  if (isDone) return done('Completed');
  const known = workloadKinds.find((each) => each === kind);
  // Pods that others make (selectors) do not bear it.
  const own = current.filter(({ labels: { [templateLabel]: born = hash } }) => born === hash);
  if (!known || !controller || !mayWatch(state, known, controller.namespace))
    return kind === 'Job' ? told(jobRuntime(resource, own)) : byPods(kind, template.replicas, own, resource.events);
  const workload = workloadFor(state, template);
  const isStale = workload?.uid === controller.uid && workload.generation < controller.generation;
  if (!workload || isStale) return pending(waitingForController, { ready: 0, wanted: template.replicas });
  const subject = controlled(state, resource, workload, hash, pods, current);
  if (workload.kind === 'Job') return job(subject, jobRuntime(resource, subject.pods));
  if (workload.isGone) return gone(workload);
  if (isSettled(resource) && workload.template !== null && workload.template !== hash) return changed(workload);
  const standing = rules[workload.kind](subject);
  if (standing.status === 'ready') return confirmed(standing, subject);
  return (standing.status === 'pending' && failing(subject.pods)) || standing;
}

function controlled(
  state: EngineState,
  resource: KubernetesState,
  workload: Workload,
  hash: string,
  pods: readonly Pod[],
  current: readonly Pod[],
): Controlled {
  const makers = [workload.uid, ...madeBy(state, workload.uid).map(({ uid }) => uid)];
  // Its ReplicaSets may not be known (yet): then the template tells its pods from those of others.
  const made = pods.filter(({ owner, labels }) => makers.includes(owner?.uid ?? '') || labels[templateLabel] === hash);
  const newest = made.filter((pod) => current.includes(pod));
  return {
    workload,
    pods: newest,
    old: made.filter((pod) => !current.includes(pod)),
    reason: reasonOf(workload, makers, newest, resource.events),
    isLasting: isLasting([...makers, ...newest.map(({ uid }) => uid)], resource.events),
  };
}

const gone = (workload: Workload): Standing =>
  pending('gone', numbersOf(workload), {
    reason: `${workload.kind.toLowerCase()} ${workload.name} was deleted by somebody: a trigger deploys it again`,
    stuck: true,
  });

/** A run that is under way, or that failed half-way, may have applied what is not known as deployed. */
const isSettled = (resource: ResourceState): boolean =>
  currentRun(resource) === null && resource.update.last?.outcome === 'ok';

/** `kubectl rollout undo`, for example. */
const changed = (workload: Workload): Standing =>
  pending('changed by somebody', numbersOf(workload), {
    reason: `${workload.kind.toLowerCase()} ${workload.name} was changed by somebody, its pods are not of this deploy: a trigger deploys it again`,
    stuck: true,
  });

/** The status may be older than what is known of the pods: some were deleted a moment ago, or have just been made. */
function confirmed(standing: Standing, { workload, pods, old }: Controlled): Standing {
  const wanted = workload.wanted ?? 1;
  const ready = [...pods, ...old].filter((pod) => pod.ready && !pod.deleting).length;
  const isUnseen = pods.length === 0 && !old.some(({ deleting }) => deleting);
  if (ready >= wanted || isUnseen) return standing;
  return failing(pods) ?? pending(`${ready} of ${wanted} pods are ready`, { ready, wanted });
}
