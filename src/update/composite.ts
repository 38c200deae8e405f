// Tries strategies in order: one that declines hands over with its reason; a failure, a cancel or a success never does.
import { catchError, concat, defer, mergeMap, type Observable, of } from 'rxjs';
import type { Ports } from '../model/ports.ts';
import { isAbort, problemOf } from '../model/problems/problem.ts';
import type { Outcome, RunEvent, Work } from '../model/run.ts';
import type { Strategy } from './strategy.ts';

/** Events of the strategy that takes this work, `ended` last, exactly once. */
export function updateOf(
  strategies: readonly Strategy[],
  work: Work,
  stop: AbortSignal,
  ports: Ports,
): Observable<RunEvent> {
  return defer(() => tryFrom(strategies, 0, null, work, stop, ports)).pipe(
    // What choosing a way throws is a failure of this run, and of no other resource.
    catchError((error) => of<RunEvent>({ is: 'ended', outcome: failureOf(error, stop) })),
  );
}

function tryFrom(
  strategies: readonly Strategy[],
  index: number,
  declined: string | null,
  work: Work,
  stop: AbortSignal,
  ports: Ports,
): Observable<RunEvent> {
  const strategy = strategies[index];
  if (!strategy) return of({ is: 'ended', outcome: nobody(work, declined) });
  if (stop.aborted) return of({ is: 'ended', outcome: { is: 'cancelled', by: 'newer change', images: [] } });
  const claim = strategy.claim(work);
  if (!claim.take) {
    const reason = claim.show === 'user' ? claim.because : declined;
    return tryFrom(strategies, index + 1, reason, work, stop, ports);
  }
  const why = declined ? `${strategy.name}: ${declined}` : claim.because;
  const begin: RunEvent = { is: 'strategy', strategy: strategy.name, ...(why ? { why } : {}) };
  if (declined) say(ports, work, `${strategy.name}: ${declined}`);
  return concat(of(begin), carriedOut(strategies, index, strategy, work, stop, ports));
}

function carriedOut(
  strategies: readonly Strategy[],
  index: number,
  strategy: Strategy,
  work: Work,
  stop: AbortSignal,
  ports: Ports,
): Observable<RunEvent> {
  return defer(() => strategy.run(work, stop, ports)).pipe(
    catchError((error) => of<RunEvent>({ is: 'ended', outcome: failureOf(error, stop) })),
    mergeMap((event): Observable<RunEvent> => {
      if (event.is !== 'ended') return of(event);
      const { outcome } = event;
      if (outcome.is === 'declined') return tryFrom(strategies, index + 1, outcome.because, work, stop, ports);
      if (outcome.is === 'ok') strategy.afterwards?.(work, outcome.result, ports);
      return of(event);
    }, 1),
  );
}

/** What a strategy let through: an abort is a cancel, anything else a failure of the update itself. */
export function failureOf(error: unknown, stop: AbortSignal, phase: 'build' | 'deploy' | 'update' = 'build'): Outcome {
  if (isAbort(error) || stop.aborted) return { is: 'cancelled', by: 'stopped', images: [] };
  return { is: 'failed', problem: problemOf(error), phase, images: [], ledgers: {}, inconsistent: false };
}

const nobody = (work: Work, declined: string | null): Outcome => ({
  is: 'failed',
  problem: {
    kind: 'step',
    code: 'S003',
    what: `${work.resource}: no way to bring this change in${declined ? `: ${declined}` : ''}`,
    hint:
      work.kind === 'kubernetes' && work.updateMode !== 'auto'
        ? `--update-mode ${work.updateMode} allows no other way; use auto`
        : 'give the image a context or a command',
    at: work.spec.at,
  },
  phase: 'build',
  images: [],
  ledgers: {},
  inconsistent: false,
});

function say(ports: Ports, work: Work, text: string): void {
  ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, 'info', text, ports.now());
}
