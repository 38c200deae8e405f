// Processes that an update started anew, asked whether they are ready: the kubelet would say so only after it had not.
import {
  catchError,
  distinctUntilChanged,
  EMPTY,
  filter,
  last,
  map,
  type Observable,
  repeat,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { type Asked, askedOnTrial } from '../engine/runtime/trial.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { abortable } from '../operators/abortable.ts';
import { timeoutSignal } from '../operators/promises/timeout-signal.ts';

type TrialPorts = Pick<Ports, 'kube' | 'now'>;

export const trials: Feed<TrialPorts> = {
  name: 'trials',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.trials === b.trials && a.pods === b.pods && a.cluster.ok === b.cluster.ok),
      selecting(
        'trials',
        askedOnTrial,
        lanes('trials', ports, (_key, asked$: Observable<Asked>) =>
          asked$.pipe(
            distinctUntilChanged(() => true),
            switchMap((asked) => answered(asked, ports)),
            takeUntil(asked$.pipe(last(null, null))),
          ),
        ),
      ),
    ),
};

/** Asked again, less and less often, until it passes. Where it may not be asked the kubelet is waited for, as ever. */
function answered({ namespace, pod, uid, container, question, at }: Asked, ports: TrialPorts): Observable<Fact> {
  return abortable(async (dropped) => {
    const stop = AbortSignal.any([dropped, timeoutSignal(limits.dialMs)]);
    return (await ports.kube()).askProbe({ namespace, name: pod, container }, question, stop);
  }).pipe(
    repeat({ delay: (times) => timer(Math.min(limits.trialAskMaxMs, limits.trialAskMs * times)) }),
    filter((passes) => passes),
    take(1),
    map((): Fact => ({ type: 'trial/answered', pod: uid, container, begunAt: at })),
    catchError(() => EMPTY),
  );
}
