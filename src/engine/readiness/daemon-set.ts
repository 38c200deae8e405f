// A DaemonSet: the rules of `kubectl rollout status`, and OnDelete, of which it knows nothing.
import {
  availability,
  type Controlled,
  deleteByHand,
  isObserved,
  numbersOf,
  pendingStanding,
  podsOf,
  readyStanding,
  waitingForController,
} from './controller-status.ts';
import { pending, ready, type Standing } from './standing.ts';

export function daemonSet(subject: Controlled): Standing {
  const { workload } = subject;
  const { updated, available, total, strategy } = workload;
  const wanted = workload.wanted ?? 0;
  if (!isObserved(workload)) return pending(waitingForController, numbersOf(workload));
  if (wanted === 0) return ready('no node wants it', { ready: 0, wanted: 0 });
  if (updated < wanted && strategy === 'OnDelete' && total >= wanted)
    return deleteByHand(subject, 'OnDelete leaves it to you', wanted - updated);
  if (updated < wanted) return pendingStanding(subject, `${updated} of ${podsOf(wanted, 'new')} have been made`);
  return available < wanted ? pendingStanding(subject, availability(workload)) : readyStanding(subject);
}
