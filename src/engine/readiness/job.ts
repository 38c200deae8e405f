// A Job: done and given up are conditions of its own; until then its attempts say how far it is.
import type { Condition, Workload } from '../../model/pods/workload.ts';
import type { Runtime } from '../resources/resource.ts';
import { type Controlled, isUnplaced, podsOf } from './controller-status.ts';
import { done, failed, pending, type Standing, told } from './standing.ts';

const completed = 'Completed';

/** `attempts`: what its pods tell of it. */
export function job(subject: Controlled, attempts: Runtime): Standing {
  const { workload, reason } = subject;
  const given = (type: string) => workload.conditions.find((one) => one.type === type && one.isTrue);
  const numbers = { ready: workload.succeeded, wanted: workload.wanted ?? 1 };
  if (given('Complete')) return done(completed);
  const failure = given('Failed');
  if (failure) return givenUp(subject, attempts, failure);
  if (workload.isGone) return pending(completed, numbers, { ...gone(workload), stuck: true });
  if (workload.isHeld) return suspended(workload);
  if (attempts.status === 'failed') return told(attempts, numbers);
  // Its pods ended well, and the Job itself has yet to say so.
  const progress = attempts.status === 'done' ? 'completing' : attempts.text;
  const { problem, mends, crashes, isUnheard } = attempts;
  const stuck = subject.pods.some(isUnplaced);
  return pending(progress, numbers, { reason, problem, mends, crashes, isUnheard, stuck });
}

/** Its last attempt says why, unless the Job's own deadline or policy ended it. */
function givenUp({ workload }: Controlled, attempts: Runtime, { reason, message }: Condition): Standing {
  const numbers = { ready: workload.succeeded, wanted: workload.wanted ?? 1 };
  const { problem, crashes, isUnheard } = attempts;
  if (problem && reason !== 'DeadlineExceeded') return { ...failed(reason, problem, numbers), crashes, isUnheard };
  return failed(
    reason,
    {
      kind: 'step',
      code: 'S351',
      what: `job ${workload.name} was given up: ${reason}${message ? `: ${message}` : ''}`,
      hint: 'its last log lines say why; a save or a trigger runs it again',
    },
    numbers,
  );
}

const gone = ({ name }: Workload) => ({
  reason: `job ${name} was taken away before it was done: a trigger runs it again`,
});

function suspended({ namespace, name, wanted, succeeded }: Workload): Standing {
  const resume = `kubectl patch job -n ${namespace} ${name} --type merge -p '{"spec":{"suspend":false}}'`;
  const progress = `${succeeded} of ${podsOf(wanted ?? 1)} done`;
  return pending(progress, { ready: succeeded, wanted: wanted ?? 1 }, { reason: `suspended: ${resume}`, stuck: true });
}
