// Why pods do not come: what refuses to make them, or why no node takes them. In the cluster's own words.
import { limits } from '../../model/limits.ts';
import type { ClusterEvent, Pod } from '../../model/pods/pod.ts';
import type { Workload } from '../../model/pods/workload.ts';
import { isUnplaced } from './controller-status.ts';

/** Null while nothing is known to keep them. `events` oldest first. */
export function reasonOf(
  workload: Workload,
  makers: readonly string[],
  pods: readonly Pod[],
  events: readonly ClusterEvent[],
): string | null {
  return refusal(workload, makers, events) ?? keptBack(pods, events);
}

/** What keeps pods that are there: no node takes them, their node cannot start them, or they wait for a word from outside. */
export const keptBack = (pods: readonly Pod[], events: readonly ClusterEvent[]): string | null =>
  placement(pods, events) ?? startFault(pods, events) ?? gate(pods);

/** A readiness gate: somebody else has to say that the pod may have traffic. */
function gate(pods: readonly Pod[]): string | null {
  const waiting = pods.find(({ status, ready, message }) => status === 'Running' && !ready && message !== null);
  return waiting ? `Running: ${(waiting.message ?? '').replace(/\.$/, '')}` : null;
}

/** The scheduler's words; those on what it would have to evict are left out. */
function placement(pods: readonly Pod[], events: readonly ClusterEvent[]): string | null {
  const waiting = pods.find(isUnplaced);
  if (!waiting) return null;
  const said = (waiting.message ?? '').split(/\s*(?:no new claims to deallocate, *)?preemption: /)[0] ?? '';
  return `${waiting.status}: ${said.replace(/\.$/, '')}${claimFault(said, events)}`;
}

/** Of a claim without a volume the scheduler does not say why: that is said of the claim. */
function claimFault(said: string, events: readonly ClusterEvent[]): string {
  if (!/PersistentVolumeClaim/i.test(said)) return '';
  const last = newest(
    events.filter(({ type, object }) => type === 'Warning' && object.kind === 'PersistentVolumeClaim'),
  );
  return last ? ` (${last.message.replace(/\s+/g, ' ').trim()})` : '';
}

const newest = (events: readonly ClusterEvent[]): ClusterEvent | null =>
  events.reduce<ClusterEvent | null>((last, one) => (last && last.at > one.at ? last : one), null);

/** What a node waits for before it starts any container; of this its pod says nothing, and only the last event counts. */
const startFaults = new Set([
  'FailedMount',
  'FailedMapVolume',
  'FailedAttachVolume',
  'FailedCreatePodSandBox',
  'FailedCreatePodContainer',
  'NetworkNotReady',
]);

function startFault(pods: readonly Pod[], events: readonly ClusterEvent[]): string | null {
  for (const { uid, status, phase, containers } of pods) {
    if (phase !== 'Pending' || containers.some(({ state }) => state !== 'waiting')) continue;
    const last = newest(events.filter(({ object }) => object.uid === uid));
    if (last && startFaults.has(last.reason)) return `${status}: ${last.message.replace(/\s+/g, ' ').trim()}`;
  }
  return null;
}

/**
 * A quota, a webhook, a policy or an account that is missing. Deployments and ReplicaSets have a condition for it, of others
 * only events tell; once a pod could be made they are of the past.
 */
function refusal(workload: Workload, makers: readonly string[], events: readonly ClusterEvent[]): string | null {
  const condition = workload.conditions.find(({ type, isTrue }) => type === 'ReplicaFailure' && isTrue);
  if (condition) return `${condition.reason}: ${plainRefusal(condition.message)}`;
  if (workload.wanted !== null && workload.total >= workload.wanted) return null;
  const last = newest(
    events.filter(
      ({ object, reason }) => makers.includes(object.uid) && (isRefusal(reason) || reason === 'SuccessfulCreate'),
    ),
  );
  return last && isRefusal(last.reason) ? `${last.reason}: ${plainRefusal(last.message)}` : null;
}

/**
 * Tried so often that nothing will come of waiting: a quota, a class, a volume that somebody has to see to. What a moment mends (an
 * account that its namespace is yet to get) has gone by then; a webhook out of reach may be starting.
 */
export function isLasting(objects: readonly string[], events: readonly ClusterEvent[]): boolean {
  let tries = 0;
  for (const { object, reason, message, count } of events)
    if (
      (isRefusal(reason) || startFaults.has(reason)) &&
      objects.includes(object.uid) &&
      !/calling webhook/.test(message)
    )
      // Kubelets pause far longer than controllers do.
      tries += isRefusal(reason) ? count : 2 * count;
  return tries >= limits.refusals;
}

/** `FailedDaemonPod` is about one that was made and failed. */
const isRefusal = (reason: string): boolean => reason === 'FailedCreate';

/** Each try names another pod: what stays the same is what counts. */
const plainRefusal = (message: string): string =>
  message
    .replace(/^\(combined from similar events\): /, '')
    .replace(/^Error creating: /, '')
    .replace(/^create Pod \S+ in StatefulSet \S+ failed error: /, '')
    .replace(/^pods "[^"]*" is forbidden: /, 'forbidden: ');
