// Desired runs → builds and deploys: per resource one at a time, the newest wins, the stale one is stopped and waited for.
import { distinctUntilChanged, EMPTY, endWith, map, merge, type Observable, of, tap } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes } from '../engine/lanes.ts';
import { desiredIn } from '../engine/wanted/runs.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import type { RunEvent, Work } from '../model/run.ts';
import { switchMapAfterStop } from '../operators/switch-map-after-stop.ts';
import { updateOf } from '../update/composite.ts';
import type { Strategy } from '../update/strategy.ts';

export function builds(strategies: readonly Strategy[]): Feed<Ports> {
  return {
    name: 'builds',
    run: (state$, ports) =>
      state$.pipe(
        distinctUntilChanged((a, b) => a.resources === b.resources),
        map(desiredIn),
        lanes('builds', ports, (_name, work$: Observable<Work>) =>
          work$.pipe(
            endWith(null),
            distinctUntilChanged((a, b) => a?.run === b?.run),
            switchMapAfterStop((work: Work | null, stop) => (work ? runOf(strategies, work, stop, ports) : EMPTY)),
          ),
        ),
      ),
  };
}

function runOf(strategies: readonly Strategy[], work: Work, stop: AbortSignal, ports: Ports): Observable<Fact> {
  const key = { resource: work.resource, run: work.run };
  const toFact = (event: RunEvent): Fact => {
    if (event.is === 'ended') return { type: 'run/ended', ...key, outcome: event.outcome };
    if (event.is === 'step') return { type: 'run/stepped', ...key, step: event.step };
    return { type: 'run/strategy', ...key, strategy: event.strategy, why: event.why ?? null };
  };
  const events$ = updateOf(strategies, work, stop, ports).pipe(tap(tellCancel(work, ports)));
  return merge(of<Fact>({ type: 'run/started', ...key }), events$.pipe(map(toFact)));
}

/** Whoever reads the log of the resource sees that what it began did not end. */
function tellCancel(work: Work, ports: Ports): (event: RunEvent) => void {
  const origin = { resource: work.resource, source: 'build' as const, run: work.run };
  let at = '';
  return (event) => {
    if (event.is === 'step') at = ` at: ${event.step}`;
    if (event.is !== 'ended' || event.outcome.is !== 'cancelled') return;
    ports.logs.end(origin, ports.now());
    ports.logs.line(origin, 'warn', `cancelled${at}`, ports.now());
  };
}
