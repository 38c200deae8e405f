// Local servers: one process per resource and generation; the old one has ended before the new one starts.
import {
  catchError,
  concat,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  from,
  last,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { sameServers, serversIn, type WantedServer } from '../engine/wanted/servers.ts';
import type { LocalSpec } from '../model/config.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import { serverRun } from '../model/pods/log-run.ts';
import type { Ports, ProcEvent } from '../model/ports.ts';
import { isAbort, type Problem, problemOf } from '../model/problems/problem.ts';
import { switchMapAfterStop } from '../operators/switch-map-after-stop.ts';
import { type Probed, probes } from './probes.ts';

export const servers: Feed<Ports> = {
  name: 'servers',
  run: (state$, ports) =>
    state$.pipe(
      selecting('servers', serversIn, (all$) =>
        all$.pipe(
          distinctUntilChanged((a, b) => sameServers(a, b)),
          lanes('servers', ports, (_name, wanted$: Observable<WantedServer>) =>
            wanted$.pipe(
              distinctUntilChanged((a, b) => a.generation === b.generation),
              endWith(null),
              switchMapAfterStop((wanted: WantedServer | null, stop) => (wanted ? serve(wanted, stop, ports) : EMPTY)),
            ),
          ),
        ),
      ),
    ),
};

function serve({ spec, generation }: WantedServer, stop: AbortSignal, ports: Ports): Observable<Fact> {
  const key = { resource: spec.name, generation };
  const failed = (problem: Problem): Fact => ({ type: 'server/failed', ...key, problem });
  return defer(() => from(takenPort(spec, ports))).pipe(
    switchMap((taken) => (taken ? of(failed(taken)) : running(spec, generation, stop, ports))),
    catchError((error) => (isAbort(error) ? EMPTY : of(failed(problemOf(error, 'S421'))))),
    // The stop was asked for: this generation has nothing to answer for.
    (facts$) =>
      concat(
        facts$,
        defer(() => (stop.aborted ? of<Fact>({ type: 'server/stopped', ...key }) : EMPTY)),
      ),
  );
}

function running(spec: LocalSpec, generation: number, stop: AbortSignal, ports: Ports): Observable<Fact> {
  const key = { resource: spec.name, generation };
  const origin = { resource: spec.name, source: 'runtime' as const, run: serverRun(generation) };
  const toFacts = (event: ProcEvent): readonly Fact[] => {
    if (event.is === 'started') return [{ type: 'server/started', ...key, pid: event.pid }];
    if (event.is === 'exited' && !stop.aborted)
      return [{ type: 'server/exited', ...key, code: event.code, signal: event.signal }];
    return [];
  };
  return ports.proc.run({ cmd: spec.serve ?? '', dir: spec.dir, env: spec.env }, stop).pipe(
    tap((event) => {
      if (event.is === 'output') ports.logs.write(origin, event.chunk, ports.now());
      if (event.is === 'exited') ports.logs.end(origin, ports.now());
    }),
    // Both listen before the process starts: its first event may come at once.
    connect((events$) =>
      merge(
        events$.pipe(mergeMap(toFacts)),
        probed(spec, events$, ports).pipe(map((result): Fact => ({ type: 'server/probed', ...key, ...result }))),
      ),
    ),
  );
}

const survived: Probed = { ready: true, starting: false, problem: null };

/** From the start of the process to its end. */
function probed(spec: LocalSpec, events$: Observable<ProcEvent>, ports: Ports): Observable<Probed> {
  const { ready } = spec;
  const output$ = events$.pipe(filter((event) => event.is === 'output'));
  return events$.pipe(
    filter((event) => event.is === 'started'),
    // Without a probe it counts as ready once it has not died at once.
    switchMap(() =>
      ready ? probes(ready, spec, output$, ports) : timer(limits.serverSettleMs).pipe(map(() => survived)),
    ),
    takeUntil(events$.pipe(filter((event) => event.is === 'exited'))),
    takeUntil(events$.pipe(last(null, null))),
  );
}

/** A probe on a port that another process holds would call that one ready. */
async function takenPort(spec: LocalSpec, ports: Ports): Promise<Problem | null> {
  const port = probedPort(spec);
  if (port === null) return null;
  const holder = await ports.proc.listener(port);
  if (holder === null) return null;
  return {
    kind: 'step',
    code: 'S422',
    what: `${spec.name}: port ${port} is taken by ${holder}`,
    hint: `stop it, or give ${spec.name} another port`,
    at: spec.at,
  };
}

function probedPort(spec: LocalSpec): number | null {
  const { ready } = spec;
  if (ready?.is === 'tcp') return isHere(ready.host) ? ready.port : null;
  if (ready?.is !== 'http') return null;
  const url = new URL(ready.url);
  return isHere(url.hostname) ? Number(url.port || (url.protocol === 'https:' ? 443 : 80)) : null;
}

const isHere = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host === '::1' || host.startsWith('127.');
