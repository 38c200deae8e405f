// Is a Job done, still trying, or given up? Read from its manifest, its pods, and what the cluster said about it.
import { record } from '../model/manifests/workload.ts';
import type { Pod } from '../model/pod.ts';
import type { ResourceState } from '../model/state.ts';
import { podProblem } from './pod-problem.ts';

type Runtime = Omit<ResourceState['runtime'], 'since'>;

const none: Runtime = { status: 'none', text: '', problem: null, stuck: false };

/** What the Job controller says when it gives up; the pods may be gone by then. */
const givenUp = new Set(['BackoffLimitExceeded', 'DeadlineExceeded', 'PodFailurePolicy', 'FailedIndexes']);

/** `pods` oldest first. A failed pod is no failure while the Job makes another: only the last attempt counts. */
export function jobRuntime(resource: ResourceState, pods: readonly Pod[]): Runtime {
  if (resource.deployed?.alreadyDone) return { ...none, status: 'done', text: 'Completed' };
  const { completions, backoffLimit } = jobSpec(resource);
  const succeeded = pods.filter((pod) => pod.phase === 'Succeeded').length;
  const active = pods.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed');
  if (completions === null ? succeeded > 0 && active.length === 0 : succeeded >= completions)
    return { ...none, status: 'done', text: 'Completed' };
  const event = resource.events.find(
    ({ object, reason, at }) => object.kind === 'Job' && givenUp.has(reason) && at >= resource.deployedAt - 1_000,
  );
  const newest = pods[pods.length - 1];
  const problem = newest ? podProblem(newest) : null;
  if (event && active.length === 0)
    return { status: 'failed', text: event.reason, problem: problem ?? gaveUp(resource, event.message), stuck: true };
  if (!newest) return { ...none, status: 'pending', text: 'waiting for pods' };
  const text = (completions ?? 1) > 1 ? `${succeeded}/${completions} done` : newest.status;
  if (problem === null) return { ...none, status: 'pending', text };
  const failed = pods.filter((pod) => pod.phase === 'Failed').length + newest.restarts;
  return failed > backoffLimit || newest.status.includes('Image')
    ? { status: 'failed', text: newest.status, problem, stuck: true }
    : { status: 'pending', text: `${newest.status}, tried ${failed} of ${backoffLimit + 1}`, problem, stuck: false };
}

const gaveUp = (resource: ResourceState, message: string): Runtime['problem'] => ({
  kind: 'step',
  code: 'S351',
  what: `job ${resource.spec.name} was given up: ${message}`,
  hint: 'its last log lines say why; a save or a trigger runs it again',
});

/** Kubernetes' defaults: one completion unless it runs in parallel, six more tries. */
function jobSpec({ spec }: ResourceState): { completions: number | null; backoffLimit: number } {
  const job = spec.kind === 'kubernetes' ? spec.objects.find(({ object }) => object.kind === 'Job')?.object : undefined;
  const { completions, parallelism, backoffLimit } = record(job?.spec);
  const isQueue = typeof parallelism === 'number' && parallelism > 1;
  return {
    completions: typeof completions === 'number' ? completions : isQueue ? null : 1,
    backoffLimit: typeof backoffLimit === 'number' ? backoffLimit : 6,
  };
}
