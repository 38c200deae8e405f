// `wait`: ready, or with `fresh` every change saved up to now live. Answers when that is so, cannot be, or time ran out.
import { filter, map, merge, type Observable, take, timer, withLatestFrom } from 'rxjs';
import { configOutlook, type Outlook, outlookOf } from '../../engine/outlook.ts';
import { exitCodes } from '../../engine/verdict.ts';
import { limits } from '../../model/limits.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { PublicState } from '../../model/public-state.ts';
import type { EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { waitingFor } from '../../view/wording.ts';
import { type Waiting, waitingText } from './waiting-text.ts';

export interface WaitRequest {
  /** Empty: all that is enabled. */
  readonly resources: readonly string[];
  readonly fresh: boolean;
  readonly timeoutMs: number;
}

export interface Waited {
  readonly ok: boolean;
  /** As `ci` and `up --once` would end for the same cause. */
  readonly exitCode: number;
  readonly changes: PublicState['changes'];
  /** Resources that will not come by themselves. */
  readonly failed: readonly string[];
  readonly problems: readonly Problem[];
}

export type WaitNews =
  | { readonly is: 'waiting'; readonly waiting: Waiting }
  | { readonly is: 'over'; readonly waited: Waited }
  | { readonly is: 'late'; readonly problem: Problem };

/** One piece of news: what came of it, or after limits.waitProgressMs for what it waits; `leftMs` until it is given up. */
export function waitNews(
  state$: Observable<EngineState>,
  shown: (state: EngineState) => PublicState,
  request: WaitRequest,
  leftMs: number,
): Observable<WaitNews> {
  const over$ = state$.pipe(
    map((state) => settled(state, request, shown)),
    filter((waited) => waited !== null),
    map((waited): WaitNews => ({ is: 'over', waited })),
  );
  const isLast = leftMs <= limits.waitProgressMs;
  const still$ = timer(Math.min(leftMs, limits.waitProgressMs)).pipe(
    withLatestFrom(state$),
    map(([, state]): WaitNews => {
      const waiting = waitingIn(state, request);
      return isLast ? { is: 'late', problem: lateProblem(waiting, request) } : { is: 'waiting', waiting };
    }),
  );
  return merge(over$, still$).pipe(take(1));
}

function outlooks(state: EngineState, { resources, fresh }: WaitRequest): readonly (readonly [string, Outlook])[] {
  const isNamed = resources.length > 0;
  const names = isNamed ? resources : state.order;
  return names.map((name) => [name, outlookOf(state, name, { fresh, isNamed })] as const);
}

/** Null while something may still come. */
function settled(state: EngineState, request: WaitRequest, shown: (state: EngineState) => PublicState): Waited | null {
  const isLoading = state.config.wanted !== state.config.loaded;
  if (isLoading || (request.fresh && state.files.settling)) return null;
  const broken = configOutlook(state, request);
  const all = outlooks(state, request);
  if (broken.length === 0 && all.some(([, { is }]) => is === 'coming')) return null;
  const failed = all.flatMap(([name, outlook]) => (outlook.is === 'never' ? [{ name, ...outlook }] : []));
  const { changes, resources } = shown(state);
  return {
    ok: failed.length + broken.length === 0,
    exitCode: broken.length > 0 ? exitCodes.usage : (failed[0]?.exitCode ?? exitCodes.ok),
    changes,
    failed: failed.map(({ name }) => name),
    problems: [...broken, ...failed.map(({ name, problem }) => asShown(problem, lookup(resources, name)))],
  };
}

/** With the log lines that the state shown to people carries. */
function asShown(problem: Problem, resource: PublicState['resources'][string] | undefined): Problem {
  const known = [resource?.update.problem, resource?.runtime.problem];
  return known.find((each) => each?.what === problem.what) ?? problem;
}

function waitingIn(state: EngineState, request: WaitRequest): Waiting {
  const found = outlooks(state, request).flatMap(([name, outlook]) =>
    outlook.is === 'coming' ? [[name, textOf(state, outlook)] as const] : [],
  );
  if (found.length > 0 || !state.files.settling) return Object.fromEntries(found);
  return { files: 'saves to settle' };
}

/** `built; waiting for api: waiting for db: Pending`: down to what it comes from, as far as there is one way. */
function textOf(state: EngineState, { waits, hold }: Extract<Outlook, { is: 'coming' }>): string {
  if (!hold) return waits;
  const [first, ...others] = hold.on;
  const isOfOne = first !== undefined && others.length === 0 && lookup(state.resources, first);
  const next = isOfOne && isFor.has(hold.reason) ? outlookOf(state, first, { fresh: false, isNamed: true }) : null;
  return `${waitingFor(hold)}${next?.is === 'coming' ? `: ${textOf(state, next)}` : ''}`;
}

/** Holds on other resources. */
const isFor: ReadonlySet<string> = new Set(['needs', 'shared-image']);

function lateProblem(waiting: Waiting, { fresh, timeoutMs }: WaitRequest): Problem {
  const open = waitingText(waiting);
  return {
    kind: 'timeout',
    code: 'S626',
    what: `not ${fresh ? 'live' : 'ready'} after ${timeoutMs / 1000} s${open ? `: ${open}` : ''}`,
    hint: 'see `sluice status`, or give it more time with --timeout',
  };
}
