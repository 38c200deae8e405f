// Local ports that outlive pods: the listener belongs to the resource, the pod behind it is swapped as redeploys come and go.
import type { Duplex } from 'node:stream';
import {
  BehaviorSubject,
  catchError,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  first,
  from,
  ignoreElements,
  last,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  race,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { type Forward, forwardsOf, sameForward, type Target } from '../engine/forwards.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import { type Problem, problemOf } from '../model/problem.ts';
import { eachKey } from '../operators/each-key.ts';

type ForwardPorts = Pick<Ports, 'kube' | 'net' | 'logs' | 'now'>;

export const portForwards: Feed<ForwardPorts> = {
  name: 'port-forwards',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged(
        (a, b) => a.pods === b.pods && a.resources === b.resources && a.phase === b.phase && a.cluster === b.cluster,
      ),
      map(forwardsOf),
      eachKey((_key, forward$: Observable<Forward>) => {
        const known$ = new BehaviorSubject<Forward | null>(null);
        return merge(
          forward$.pipe(distinctUntilChanged(sameForward), tap(known$), ignoreElements()),
          forward$.pipe(
            first(),
            switchMap((forward) => listen(forward, known$.pipe(filter((it) => it !== null)), ports)),
            takeUntil(forward$.pipe(last(null, null))),
          ),
        );
      }),
    ),
};

function listen(forward: Forward, forward$: Observable<Forward>, ports: ForwardPorts): Observable<Fact> {
  const local = `${forward.host}:${forward.local}`;
  const fact = (status: 'waiting' | 'listening' | 'failed', to: string, problem: Problem | null): Fact => ({
    type: 'forward/changed',
    resource: forward.resource,
    local,
    to,
    status,
    problem,
  });
  const status$ = forward$.pipe(
    map((it) =>
      it.unfillable
        ? fact('failed', '', noPort(forward))
        : fact(it.target ? 'listening' : 'waiting', nameOf(it.target), null),
    ),
    distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
  );
  let parked = 0;
  return ports.net.listen(forward.host, forward.local).pipe(
    mergeMap((event) => {
      if (event.is === 'listening') return status$;
      if (parked >= limits.forwardParked) return destroyed(event.socket);
      parked++;
      return connect(event.socket, forward$, ports, () => parked--);
    }),
    // A taken port is tried again when the configuration is edited; the message says who holds it.
    catchError((error) => of(fact('failed', '', problemOf(error)))),
  );
}

const destroyed = (socket: Duplex): Observable<never> => {
  socket.destroy();
  return EMPTY;
};

const nameOf = (target: Target | null): string => (target ? `${target.pod}:${target.port}` : '');

const noPort = (forward: Forward): Problem => ({
  kind: 'yours',
  code: 'S361',
  what: `${forward.resource}: the pod declares no port to forward ${forward.local} to`,
  hint: `say which: ports: ["${forward.local}:CONTAINER_PORT"]`,
});

/** Waits for a pod, limits.forwardParkMs at most, then joins both ends until one of them closes. */
function connect(
  socket: Duplex,
  forward$: Observable<Forward>,
  ports: ForwardPorts,
  unparked: () => void,
): Observable<never> {
  const stop = new AbortController();
  socket.on('error', () => socket.destroy());
  socket.once('close', () => stop.abort());
  const ready$ = forward$.pipe(
    map((it) => it.target),
    filter((target) => target !== null),
    first(),
  );
  const late$ = timer(limits.forwardParkMs).pipe(
    switchMap(() => forward$.pipe(first())),
    map((it) => it.fallback),
  );
  return race(ready$, late$).pipe(
    tap({ next: unparked }),
    mergeMap((target) => (target ? from(join(socket, target, ports, stop.signal)) : destroyed(socket))),
    catchError(() => destroyed(socket)),
    finalize(() => socket.destroyed || socket.end()),
    ignoreElements(),
  );
}

async function join(socket: Duplex, target: Target, ports: ForwardPorts, stop: AbortSignal): Promise<void> {
  const kube = await ports.kube();
  const upstream = await kube.dial(
    { namespace: target.namespace, name: target.pod },
    target.port,
    AbortSignal.any([stop, AbortSignal.timeout(limits.dialMs)]),
  );
  await new Promise<void>((resolve) => {
    const over = (): void => {
      socket.destroy();
      upstream.destroy();
      resolve();
    };
    socket.once('close', over);
    upstream.once('close', over);
    upstream.once('error', over);
    socket.pipe(upstream);
    upstream.pipe(socket);
  });
}
