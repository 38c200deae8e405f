// Notices a daemon that goes. One that ends breaks its connections; one that is stopped (SIGSTOP, a frozen virtual machine)
// keeps them and says nothing: a local daemon is therefore asked for a sign of life far more often than a health check may be. One
// whose socket was taken away keeps them and answers, and nobody new gets in.
import { access } from 'node:fs/promises';
import net from 'node:net';
import {
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  race,
  repeat,
  Subject,
  switchMap,
  throwError,
  timer,
} from 'rxjs';
import { limits } from '../../../model/limits.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { seldomEvents$ } from '../events.ts';
import type { Client } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { unreachableProblem } from './failure.ts';

export const lifeline$ = (client: Client): Observable<never> =>
  merge(seldomEvents$(client).pipe(ignoreElements()), silence$(client.endpoint));

/**
 * Errors once a ping is not answered within limits.dockerSilentMs. Nothing that is open is given up for it: the daemon may go
 * on where it stood. Of a remote daemon silence is no news: it may be the network, and by ssh each ping were a login.
 */
function silence$(endpoint: Endpoint): Observable<never> {
  if (endpoint.address.by !== 'socket') return NEVER;
  const socketPath = endpoint.address.path;
  return defer(() => {
    const line = new Line(socketPath);
    const asked$ = ask$(line, () => silent(endpoint)).pipe(finalize(() => line.close()));
    return merge(asked$, removal$(socketPath, endpoint));
  });
}

/** Errors once there is no file at the place of the socket: a look at it costs a thousandth of a connection. */
const removal$ = (path: string, endpoint: Endpoint): Observable<never> =>
  timer(limits.dockerSocketLookMs).pipe(
    switchMap(() => access(path).catch((error: NodeJS.ErrnoException) => error)),
    switchMap((error) => (error?.code === 'ENOENT' ? throwError(() => removed(endpoint)) : EMPTY)),
    repeat(),
  );

const removed = (endpoint: Endpoint): ProblemError =>
  new ProblemError(unreachableProblem(endpoint, 'its socket is gone'));

function ask$(line: Line, failure: () => ProblemError): Observable<never> {
  // An answer may have come while this process was busy or the machine asleep: it is read before the silence is believed.
  const late$ = timer(limits.dockerSilentMs).pipe(
    switchMap(() => timer(limits.dockerSilentGraceMs)),
    switchMap(() => throwError(failure)),
  );
  return concat(race(line.ping$, late$), timer(limits.dockerPingEveryMs)).pipe(ignoreElements(), repeat());
}

/** One connection that is kept and asked again and again: by an HTTP client each ping would cost ten times as much, all day long. */
class Line {
  private socket: net.Socket | null = null;
  private readonly path: string;
  private readonly heard$ = new Subject<void>();
  /** What an answer says is of no interest; for each read Node would take 64 KiB anew. */
  private readonly onread = {
    buffer: Buffer.alloc(1_024),
    callback: () => {
      this.heard$.next();
      return true;
    },
  };

  constructor(path: string) {
    this.path = path;
  }

  /** Emits when anything came back, an end of the connection too: that is for the events to tell. */
  readonly ping$ = new Observable<true>((subscriber) => {
    const socket = this.open();
    const done = () => {
      subscriber.next(true);
      subscriber.complete();
    };
    socket.once('close', done);
    subscriber.add(this.heard$.subscribe(done));
    socket.write('HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n');
    return () => socket.off('close', done);
  });

  close(): void {
    this.socket?.destroy();
  }

  private open(): net.Socket {
    if (this.socket && !this.socket.destroyed && this.socket.writable) return this.socket;
    this.socket = net.connect({ path: this.path, onread: this.onread });
    // What breaks is closed, and told so.
    this.socket.on('error', () => {}).resume();
    return this.socket;
  }
}

const silent = (endpoint: Endpoint): ProblemError =>
  new ProblemError(
    unreachableProblem(endpoint, `no answer in ${(limits.dockerSilentMs + limits.dockerSilentGraceMs) / 1000} s`),
  );
