// A StatefulSet: the rules of `kubectl rollout status`; OnDelete, of which it knows nothing; and minReadySeconds.
import type { Workload } from '../../model/pods/workload.ts';
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

export function statefulSet(subject: Controlled): Standing {
  const { workload } = subject;
  const { updated, partition } = workload;
  const wanted = workload.wanted ?? 1;
  if (!isObserved(workload)) return pending(waitingForController, numbersOf(workload));
  // Below the partition the old revision stays, because the manifest wants it so.
  const due = Math.max(0, wanted - partition);
  const lacking = upCount(workload);
  const late = updated < due ? due - updated : 0;
  if (late > 0 && workload.strategy === 'OnDelete' && workload.total >= wanted)
    return deleteByHand(subject, 'OnDelete leaves it to you', late);
  if (lacking < wanted)
    return pendingStanding(subject, `${lacking} of ${podsOf(wanted)} are ready${settling(workload)}`);
  if (late > 0) return pendingStanding(subject, `${updated} of ${podsOf(due, 'new')} have been made`);
  if (workload.total > wanted)
    return pendingStanding(subject, `${podsOf(workload.total - wanted)} too many still to end`);
  return readyStanding(
    subject,
    due < wanted && updated < wanted ? ` (partition ${partition}: ${updated} updated)` : '',
  );
}

/** kubectl counts ready ones; with minReadySeconds the controller itself waits for more. */
const upCount = ({ ready, available, minReadySeconds }: Workload): number => (minReadySeconds > 0 ? available : ready);

const settling = ({ ready, available, minReadySeconds }: Workload): string =>
  minReadySeconds > 0 && ready > available ? ` (minReadySeconds: ${minReadySeconds})` : '';
