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
} from './controlled.ts';
import { pending, type Standing } from './standing.ts';

export function replicaSet(it: Controlled): Standing {
  const { workload, old } = it;
  const { available, total } = workload;
  const wanted = workload.wanted ?? 1;
  if (!isObserved(workload)) return pending(waitingForController, numbersOf(workload));
  const left = old.filter(({ deleting }) => !deleting).length;
  if (left > 0) return deleteByHand(it, `a ${workload.kind} replaces no pods`, left);
  if (total !== wanted) return pendingStanding(it, `${total} of ${podsOf(wanted)} are there`);
  return available < wanted
    ? pendingStanding(it, `${available} of ${podsOf(wanted)} are available`)
    : readyStanding(it);
}
