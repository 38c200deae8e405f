// Is a Job done, still trying, or given up? Read from its manifest, its pods, and what the cluster said about it.
import { record } from '../../model/manifests/workload.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { KubernetesState } from '../../model/state.ts';
import { noRuntime as none, type Runtime } from '../resources/resource.ts';
import { crashesOf, podFailure, worst } from './pod-problem.ts';

/** What the Job controller says when it gives up; the pods may be gone by then. */
const givenUp = new Set(['BackoffLimitExceeded', 'DeadlineExceeded', 'PodFailurePolicy', 'FailedIndexes']);

/** `pods` oldest first. A failed pod is no failure while the Job makes another. */
export function jobRuntime(resource: KubernetesState, pods: readonly Pod[]): Runtime {
  if (resource.deploy.result?.alreadyDone) return { ...none, status: 'done', text: 'Completed' };
  const { completions } = jobSpec(resource);
  const succeeded = pods.filter((pod) => pod.phase === 'Succeeded').length;
  const active = pods.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed');
  if (completions === null ? succeeded > 0 && active.length === 0 : succeeded >= completions)
    return { ...none, status: 'done', text: 'Completed' };
  const event = resource.events.find(
    ({ object, reason, at }) => object.kind === 'Job' && givenUp.has(reason) && at >= resource.deploy.at - 1_000,
  );
  if (event && active.length === 0) {
    const failure = worst(pods.flatMap((pod) => podFailure(pod) ?? []));
    const what = failure ?? { ...none, problem: gaveUp(resource, event.message) };
    return { ...what, status: 'failed', text: event.reason, stuck: true, mends: 'never' };
  }
  const newest = pods[pods.length - 1];
  if (!newest) return { ...none, status: 'pending', text: 'waiting for pods' };
  return tried(resource, pods, newest, (completions ?? 1) > 1 ? `${succeeded}/${completions} done` : newest.status);
}

/** Failed pods, and restarts in place, count alike against the Job's own limit and `--retries`. */
function tried(resource: KubernetesState, pods: readonly Pod[], newest: Pod, text: string): Runtime {
  const { backoffLimit } = jobSpec(resource);
  const crashes = pods.filter((pod) => pod.phase !== 'Succeeded').reduce((sum, pod) => sum + crashesOf(pod), 0);
  const failure = podFailure(newest);
  // What the attempt before this one failed of stays known while the next one runs.
  const before = failure ?? worst(pods.flatMap((pod) => podFailure(pod) ?? []));
  if (failure === null)
    return { ...none, ...before, status: 'pending', text, stuck: false, mends: 'restarts', crashes };
  // What keeps a pod from starting makes no failed pod that the Job would count.
  if (crashes === 0) return { ...failure, status: 'failed', text: newest.status, stuck: true };
  if (crashes > backoffLimit)
    return { ...failure, status: 'failed', text: newest.status, stuck: true, mends: 'never', crashes };
  const attempts = `${newest.status}, tried ${crashes} of ${backoffLimit + 1}`;
  return { ...failure, status: 'pending', text: attempts, stuck: false, mends: 'restarts', crashes };
}

const gaveUp = (resource: KubernetesState, message: string): Runtime['problem'] => ({
  kind: 'step',
  code: 'S351',
  what: `job ${resource.spec.name} was given up: ${message}`,
  hint: 'its last log lines say why; a save or a trigger runs it again',
});

/** Kubernetes' defaults: one completion unless it runs in parallel, six more tries. */
function jobSpec({ spec }: KubernetesState): { completions: number | null; backoffLimit: number } {
  const job = spec.objects.find(({ object }) => object.kind === 'Job')?.object;
  const { completions, parallelism, backoffLimit } = record(job?.spec);
  const isQueue = typeof parallelism === 'number' && parallelism > 1;
  return {
    completions: typeof completions === 'number' ? completions : isQueue ? null : 1,
    backoffLimit: typeof backoffLimit === 'number' ? backoffLimit : 6,
  };
}
