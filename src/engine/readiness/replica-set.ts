// A ReplicaSet or ReplicationController of its own: it makes pods and never replaces them.
import {
  type Controlled,
  deleteByHand,
  isObserved,
  numbersOf,
  pendingStanding,
  podsOf,
  readyStanding,
  waitingForController,
} from './controller-status.ts';
import { pending, type Standing } from './standing.ts';

export function replicaSet(subject: Controlled): Standing {
  const { workload, old } = subject;
  const { available, total } = workload;
  const wanted = workload.wanted ?? 1;
  if (!isObserved(workload)) return pending(waitingForController, numbersOf(workload));
  const left = old.filter(({ deleting }) => !deleting).length;
  if (left > 0) return deleteByHand(subject, `a ${workload.kind} replaces no pods`, left);
  if (total !== wanted) return pendingStanding(subject, `${total} of ${podsOf(wanted)} are there`);
  return available < wanted
    ? pendingStanding(subject, `${available} of ${podsOf(wanted)} are available`)
    : readyStanding(subject);
}
