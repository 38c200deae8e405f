// A Deployment: the rules of `kubectl rollout status`, and what it does not say: paused, and why pods do not come.
import type { Workload } from '../../model/pods/workload.ts';
import {
  availability,
  type Controlled,
  isObserved,
  numbersOf,
  pendingStanding,
  podsOf,
  readyStanding,
  waitingForController,
} from './controller-status.ts';
import { failed, pending, type Standing } from './standing.ts';

export function deployment(subject: Controlled): Standing {
  const { workload } = subject;
  if (!isObserved(workload)) return pending(waitingForController, numbersOf(workload));
  const late = workload.conditions.find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  if (late) return exceeded(subject, late.message);
  const lacks = undone(workload);
  if (lacks === null) return readyStanding(subject);
  if (workload.isHeld && !isReplaced(workload)) return paused(workload);
  return pendingStanding(subject, lacks);
}

const isReplaced = ({ updated, total, wanted }: Workload): boolean => updated >= (wanted ?? 1) && total <= updated;

function undone(workload: Workload): string | null {
  const { updated, total, available } = workload;
  const wanted = workload.wanted ?? 1;
  if (updated < wanted) return `${updated} of ${podsOf(wanted, 'new')} have been made`;
  if (total > updated) return `${podsOf(total - updated, 'old')} still to end`;
  return available < updated ? availability(workload) : null;
}

function paused(workload: Workload): Standing {
  const { namespace, name } = workload;
  const reason = `paused: kubectl rollout resume -n ${namespace} deployment/${name}`;
  return pending(undone(workload) ?? '', numbersOf(workload), { reason, stuck: true });
}

/** `spec.progressDeadlineSeconds` has passed; the controller goes on trying, but says that it takes too long. */
function exceeded({ workload, reason, pods }: Controlled, message: string): Standing {
  const why = reason ?? pods.find((pod) => !pod.ready)?.status ?? message;
  return failed(
    `ProgressDeadlineExceeded: ${why}`,
    {
      kind: 'step',
      code: 'S352',
      what: `deployment ${workload.name} exceeded its progress deadline: ${why}`,
      hint: 'mend what keeps its pods from being ready, or raise spec.progressDeadlineSeconds',
    },
    numbersOf(workload),
  );
}
