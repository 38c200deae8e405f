// What the rules of every kind of workload look at.
import type { Pod } from '../../model/pods/pod.ts';
import type { Workload } from '../../model/pods/workload.ts';
import { pending, ready, type Standing } from './standing.ts';

export interface Controlled {
  readonly workload: Workload;
  /** Of its newest revision and not on their way out, oldest first. */
  readonly pods: readonly Pod[];
  /** Its others. */
  readonly old: readonly Pod[];
  /** What keeps pods from being made or placed, in the cluster's words. */
  readonly reason: string | null;
  /** The reason is not of a moment. */
  readonly isLasting: boolean;
}

/** `kubectl rollout status` waits as well until the status is about what was applied. */
export const isObserved = ({ generation, observedGeneration }: Workload): boolean => observedGeneration >= generation;

export const waitingForController: string = 'waiting for the controller to see it';

export const numbersOf = ({ available, wanted }: Workload) => ({ ready: available, wanted: wanted ?? 1 });

/** `n/n ready`; of a single pod what kubectl says of it. */
export function readyStanding({ workload, pods }: Controlled, more = ''): Standing {
  const { wanted } = numbersOf(workload);
  const text =
    wanted === 0 ? 'scaled to 0' : wanted > 1 ? `${wanted}/${wanted} ready` : (pods.at(-1)?.status ?? 'ready');
  return ready(text + more, { ready: wanted, wanted });
}

/** `progress`, and the reason where there is one. A single pod that is not ready says best itself how far it is. */
export function pendingStanding({ workload, pods, reason, isLasting }: Controlled, progress: string): Standing {
  const newest = pods.findLast((pod) => !isOver(pod));
  const isSingle = workload.wanted === 1 && newest !== undefined && !newest.ready;
  const stuck = pods.some(isUnplaced) || (reason !== null && isLasting);
  return pending(isSingle ? newest.status : progress, numbersOf(workload), { reason, stuck });
}

/** The scheduler found no node and said why. */
export const isUnplaced = ({ node, message }: Pod): boolean => node === null && message !== null;

/** Ended for good: its controller makes another one. */
export const isOver = ({ phase }: Pod): boolean => phase === 'Failed' || phase === 'Succeeded';

/** `1 pod`, `2 pods`. */
export const podsOf = (count: number, what = ''): string =>
  `${count} ${what}${what && ' '}${count === 1 ? 'pod' : 'pods'}`;

export const availability = ({ available, updated, minReadySeconds, ready: alive }: Workload): string => {
  const waits = minReadySeconds > 0 && alive > available ? ` (minReadySeconds: ${minReadySeconds})` : '';
  return `${available} of ${updated} updated pods are available${waits}`;
};

/** What a controller leaves to a person: pods of the old revision that it does not replace. */
export function deleteByHand({ workload, old }: Controlled, why: string, missing: number): Standing {
  const names = old.filter(({ deleting }) => !deleting).map(({ name }) => name);
  const named = names.length > 0 ? names.slice(0, 5).join(' ') : 'POD';
  const reason = `${why}: kubectl delete pod -n ${workload.namespace} ${named}${names.length > 5 ? ' …' : ''}`;
  return pending(`${missing} of ${podsOf(workload.wanted ?? 1)} are of the old revision`, numbersOf(workload), {
    reason,
    stuck: true,
  });
}
