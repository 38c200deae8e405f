// Notices a daemon that goes. One that ends breaks its connections; one that is stopped (SIGSTOP, a frozen virtual machine)
// keeps them and says nothing: a local daemon is therefore asked for a sign of life far more often than a health check may be.
import http from 'node:http';
import { concat, ignoreElements, merge, NEVER, Observable, race, repeat, switchMap, throwError, timer } from 'rxjs';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problem.ts';
import type { Client } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { events$ } from './events.ts';
import { unreachableProblem } from './failure.ts';

export const lifeline$ = (client: Client): Observable<never> =>
  merge(events$(client).pipe(ignoreElements()), silence$(client.endpoint));

/**
 * Errors once a ping is not answered within limits.dockerSilentMs. Nothing that is open is given up for it: the daemon may go
 * on where it stood. Of a remote daemon silence is no news: it may be the network, and by ssh each ping were a login.
 */
function silence$(endpoint: Endpoint): Observable<never> {
  if (endpoint.address.by !== 'socket') return NEVER;
  const socketPath = endpoint.address.path;
  return new Observable((subscriber) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const subscription = ask$(socketPath, agent, () => silent(endpoint)).subscribe(subscriber);
    return () => {
      subscription.unsubscribe();
      agent.destroy();
    };
  });
}

function ask$(socketPath: string, agent: http.Agent, failure: () => ProblemError): Observable<never> {
  // An answer may have come while this process was busy or the machine asleep: it is read before the silence is believed.
  const late$ = timer(limits.dockerSilentMs).pipe(
    switchMap(() => timer(limits.dockerSilentGraceMs)),
    switchMap(() => throwError(failure)),
  );
  return concat(race(ping$(socketPath, agent), late$), timer(limits.dockerPingEveryMs)).pipe(
    ignoreElements(),
    repeat(),
  );
}

/** Emits when anything came back, an error of the connection too: that is for the events to tell. */
const ping$ = (socketPath: string, agent: http.Agent): Observable<true> =>
  new Observable((subscriber) => {
    const done = () => {
      subscriber.next(true);
      subscriber.complete();
    };
    const request = http.get({ socketPath, agent, path: '/_ping' }, (response) =>
      response.resume().once('close', done),
    );
    request.on('error', done);
    return () => request.destroy();
  });

const silent = (endpoint: Endpoint): ProblemError =>
  new ProblemError(
    unreachableProblem(endpoint, `no answer in ${(limits.dockerSilentMs + limits.dockerSilentGraceMs) / 1000} s`),
  );
