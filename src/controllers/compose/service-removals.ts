// Containers of services that left the configuration, or were disabled, go; so do networks that nothing is in any more.
import { catchError, distinctUntilChanged, last, map, type Observable, of, switchMap, take, takeUntil } from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { lanes } from '../../engine/lanes.ts';
import type { Fact } from '../../model/fact.ts';
import type { Ports } from '../../model/ports.ts';
import { problemOf } from '../../model/problems/problem.ts';
import type { EngineState, Removal } from '../../model/state.ts';
import { abortable } from '../../operators/abortable.ts';
import { removeService } from '../../update/compose/down.ts';

type Service = NonNullable<Removal['compose']>;

export const serviceRemovals: Feed<Ports> = {
  name: 'service-removals',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.removals === b.removals && a.docker.ok === b.docker.ok),
      map(due),
      lanes('service-removals', ports, (resource, service$: Observable<Service>) =>
        service$.pipe(
          take(1),
          switchMap((service) => remove(resource, service, ports)),
          takeUntil(service$.pipe(last(null, null))),
        ),
      ),
    ),
};

/** Nothing goes while a run that is stopping may still start some of it, or something that needs it is still there. */
function due({ removals, docker }: EngineState): Readonly<Record<string, Service>> {
  if (!docker.ok) return {};
  const all = Object.entries(removals);
  return Object.fromEntries(
    all.flatMap(([name, { compose, after }]) =>
      compose && after === null && !all.some(([, other]) => other.needs.includes(name)) ? [[name, compose]] : [],
    ),
  );
}

function remove(resource: string, service: Service, ports: Ports): Observable<Fact> {
  const say = (text: string) => ports.logs.line({ resource, source: 'engine' }, 'info', text, ports.now());
  return abortable(async (stop) => removeService(service, { docker: await ports.docker(), ports, say, stop })).pipe(
    map((): Fact => ({ type: 'removal/ended', resource, problem: null })),
    catchError((error) => {
      const problem = problemOf(error);
      ports.logs.line({ resource, source: 'engine' }, 'error', `not taken down: ${problem.what}`, ports.now());
      return of<Fact>({ type: 'removal/ended', resource, problem });
    }),
  );
}
