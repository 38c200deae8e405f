// Local ports that outlive pods: the listener belongs to the resource, the pod behind it is swapped as redeploys come and go.
import type { Duplex } from 'node:stream';
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  first,
  fromEvent,
  ignoreElements,
  last,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  repeat,
  retry,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { type Forward, forwardsOf, sameForward, type Target } from '../engine/wanted/forwards.ts';
import type { Fact } from '../model/fact.ts';
import { hostPort } from '../model/hosts/address.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { problemCodes } from '../model/problems/code-names.ts';
import { isProblemError, type Problem, type ProblemError, problemOf } from '../model/problems/problem.ts';
import { abortable } from '../operators/abortable.ts';
import { timeoutSignal } from '../operators/promises/timeout-signal.ts';
import { type Said, tunnel } from './tunnel.ts';

type ForwardPorts = Pick<Ports, 'kube' | 'net' | 'now'>;

export const portForwards: Feed<ForwardPorts> = {
  name: 'port-forwards',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.pods === b.pods && a.resources === b.resources && a.phase === b.phase),
      selecting(
        'port-forwards',
        forwardsOf,
        lanes('port-forwards', ports, (_key, latest$: Observable<Forward>) => {
          const forward$ = latest$.pipe(distinctUntilChanged(sameForward));
          return forward$.pipe(
            distinctUntilChanged((a, b) => a.unfillable === b.unfillable),
            // One that cannot be filled is dropped, until a pod declares a port.
            switchMap((forward) =>
              forward.unfillable ? of(fact(forward, 'failed', noPort(forward))) : listen(forward, forward$, ports),
            ),
            distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
            takeUntil(latest$.pipe(last(null, null))),
          );
        }),
      ),
    ),
};

const fact = (forward: Forward, status: 'waiting' | 'listening' | 'failed', problem: Problem | null): Fact => ({
  type: 'forward/changed',
  resource: forward.resource,
  local: hostPort(forward.host, forward.local),
  to: status === 'listening' && forward.target ? `${forward.target.pod}:${forward.target.port}` : '',
  status,
  problem,
});

function listen(forward: Forward, forward$: Observable<Forward>, ports: ForwardPorts): Observable<Fact> {
  const status$ = forward$.pipe(map((forward) => fact(forward, forward.target ? 'listening' : 'waiting', null)));
  let parked = 0;
  return defer(() => ports.net.listen(forward.host, forward.local)).pipe(
    mergeMap((event) => {
      if (event.is === 'listening') return status$;
      if (parked >= limits.forwardParked) return destroyed(event.socket);
      parked++;
      return connect(event.socket, forward, forward$, ports, () => parked--);
    }),
    // Whoever has taken the port may give it back; the message says who it is.
    catchError((error) => of(fact(forward, 'failed', problemOf(error)))),
    repeat({ delay: limits.forwardRetryMs }),
  );
}

const destroyed = (socket: Duplex): Observable<never> => {
  socket.destroy();
  return EMPTY;
};

const noPort = (forward: Forward): Problem => ({
  kind: 'yours',
  code: 'S364',
  what: `${forward.resource}: the pod declares no port to forward ${forward.local} to`,
  hint: `say which: ports: ["${forward.local}:CONTAINER_PORT"]`,
});

/**
 * Waits for a pod that answers, limits.forwardParkMs at most, then joins both ends. `unparked` is called once, when it waits no longer.
 * Tells of a port that refuses for longer than a program takes to be started again, and that one has answered.
 */
function connect(
  socket: Duplex,
  forward: Forward,
  forward$: Observable<Forward>,
  ports: ForwardPorts,
  unparked: () => void,
): Observable<Fact> {
  const said: Said = { chunks: [] };
  const [patient, deadline] = [ports.now() + limits.forwardRefusedMs, ports.now() + limits.forwardParkMs];
  const told$ = new Subject<Fact>();
  const refused = (error: unknown): void => {
    if (isRefusal(error) && ports.now() >= patient) told$.next(fact(forward, 'failed', error.problem));
  };
  const mayTryAgain = (): boolean => said.chunks !== null && ports.now() < deadline;
  let unpark = (): void => {
    unparked();
    unpark = () => {};
  };
  const join = (target: Target): Observable<void> =>
    joined(socket, target, said, ports, () => {
      unpark();
      told$.next(fact({ ...forward, target }, 'listening', null));
    });
  socket.on('error', () => socket.destroy());
  const joined$ = targetOf(forward$, () => deadline - ports.now()).pipe(
    mergeMap((target) => (target ? join(target) : destroyed(socket))),
    tap({ error: refused }),
    retry({ delay: (error) => (mayTryAgain() ? timer(limits.forwardRedialMs) : throwError(() => error)) }),
    catchError(() => destroyed(socket)),
    takeUntil(fromEvent(socket, 'close')),
    finalize(() => {
      unpark();
      told$.complete();
    }),
    ignoreElements(),
  );
  return merge(told$, joined$);
}

const isRefusal = (error: unknown): error is ProblemError =>
  isProblemError(error) && error.problem.code === problemCodes.portUnreachable;

/** A ready pod as soon as there is one; after `left` ms one that runs, or null. */
const targetOf = (forward$: Observable<Forward>, left: () => number): Observable<Target | null> =>
  forward$.pipe(
    switchMap(({ target, fallback }) =>
      target ? of(target) : timer(Math.max(0, left())).pipe(map((): Target | null => fallback)),
    ),
    first(),
  );

const joined = (
  socket: Duplex,
  target: Target,
  said: Said,
  ports: ForwardPorts,
  unpark: () => void,
): Observable<void> =>
  abortable(async (stop) => {
    const kube = await ports.kube();
    const inTime = AbortSignal.any([stop, timeoutSignal(limits.dialMs)]);
    const pod = await kube.dial({ namespace: target.namespace, name: target.pod }, target.port, inTime);
    await tunnel(socket, pod, said, unpark, stop);
  });
