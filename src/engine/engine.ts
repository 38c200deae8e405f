// The loop: facts go in by one queue, turn by turn; one scan makes state, feeds look at state and answer with facts.
import {
  concat,
  defer,
  distinctUntilChanged,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  Subject,
  scan,
  share,
  shareReplay,
  startWith,
  take,
  tap,
} from 'rxjs';
import type { Action, Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import { problemOf } from '../model/problems/problem.ts';
import type { EngineState } from '../model/state.ts';
import { supervise } from '../operators/supervise.ts';
import { turns } from '../operators/turns.ts';
import { guarded } from './fault.ts';
import { seed } from './reduce.ts';

/** A source or a controller: same shape, the folder says who may change the world. */
export interface Feed<P> {
  readonly name: string;
  run(state$: Observable<EngineState>, ports: P): Observable<Fact>;
}

export interface Step {
  readonly state: EngineState;
  /** The fact that led here, null for the seed. */
  readonly action: Action | null;
}

export interface Engine {
  /** Every fact, for who records; the states in the middle of a turn are folded and not planned yet. */
  readonly step$: Observable<Step>;
  /** The last step of each turn, for who looks. */
  readonly turn$: Observable<Step>;
  readonly state$: Observable<EngineState>;
  readonly put: (fact: Fact) => void;
  /** Runs until unsubscribed, which drops everything at once; whoever runs it watches for the phase `stopped`. What the reducer throws is `state.bug`. */
  readonly run$: Observable<never>;
}

export function makeEngine<P extends { readonly now: () => number }>(
  reduce: (state: EngineState, action: Action) => EngineState,
  feeds: readonly Feed<P>[],
  ports: P,
): Engine {
  const fold = guarded(reduce);
  const inbox = new Subject<Fact>();
  const put = (fact: Fact): void => inbox.next(fact);
  const step$ = inbox.pipe(
    // The only place that numbers and stamps.
    map((fact, seq): Action => ({ ...fact, seq, at: ports.now() })),
    // An effect that answers at once waits its turn: every observer sees facts in the same order.
    turns(),
    mergeMap(together),
    scan((before: Step, action): Step => ({ action, state: fold(before.state, action) }), {
      action: null,
      state: seed,
    }),
    share(),
  );
  const turn$ = step$.pipe(filter(({ action }) => action?.more !== true));
  const state$ = turn$.pipe(
    map((step) => step.state),
    startWith(seed),
    distinctUntilChanged(),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  const run$ = defer(() =>
    merge(state$, ...feeds.map((feed) => supervised(feed, state$, ports, put).pipe(tap(put)))).pipe(ignoreElements()),
  );
  return { step$, turn$, state$, put, run$ };
}

/** All but the last say that there are more. */
const together = (actions: readonly Action[]): readonly Action[] =>
  actions.map((action, i) => (i < actions.length - 1 ? { ...action, more: true } : action));

/** A feed has no end of its own while the session is up. */
const endedEarly = (feed: string, state$: Observable<EngineState>): Observable<never> =>
  state$.pipe(
    take(1),
    filter(({ phase }) => phase === 'up'),
    map(() => {
      throw new Error(`${feed} ended by itself`);
    }),
  );

/** A feed that throws is restarted alone; its health is in state. */
function supervised<P extends { readonly now: () => number }>(
  feed: Feed<P>,
  state$: Observable<EngineState>,
  ports: P,
  put: (fact: Fact) => void,
): Observable<Fact> {
  return concat(
    defer(() => feed.run(state$, ports)),
    defer(() => endedEarly(feed.name, state$)),
  ).pipe(
    supervise({
      firstMs: limits.feedRetryFirstMs,
      maxMs: limits.feedRetryMaxMs,
      healthyMs: limits.feedHealthyMs,
      onFailure: (error, pauseMs) =>
        put({ type: 'feed/failed', feed: feed.name, problem: problemOf(error), retryAt: ports.now() + pauseMs }),
      onRecovery: () => put({ type: 'feed/healthy', feed: feed.name }),
    }),
  );
}
