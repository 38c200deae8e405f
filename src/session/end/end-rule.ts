// When a session ends by itself, and with which exit code.
import { distinctUntilChanged, EMPTY, filter, map, merge, type Observable, of, switchMap, take, timer } from 'rxjs';
import { needsCluster } from '../../engine/reach.ts';
import { listed } from '../../engine/resources/resource-list.ts';
import { those } from '../../engine/resources/those.ts';
import { withCrashes } from '../../engine/runtime/crashed.ts';
import { exitCodes, isAllDone, type Verdict, verdictOf } from '../../engine/verdict.ts';
import { orphansToGo } from '../../engine/wanted/service-orphans.ts';
import { limits } from '../../model/limits.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { exitCodeOf } from './exit-code.ts';
import { late } from './late-verdict.ts';

export interface EndRule {
  /** ms until it gives up, 0 for never. */
  readonly timeoutMs: number;
  /** ms that everything must stay ready. */
  readonly stableMs: number;
  /** Crashes of one container, or failed pods of one Job, that are forgiven before the verdict is no. */
  readonly retries: number;
}

/** Good news waits until it is known whether what left the configuration could go: a refusal of that is a verdict too. */
function judged(state: EngineState, retries: number): Verdict | null {
  const verdict = verdictOf(state, retries);
  if (!verdict?.ok) return verdict;
  if (orphansToGo(state).length > 0 && state.feeds['service-orphans'] === undefined) return null;
  return state.cluster.ok && needsCluster(state) && state.feeds.orphans === undefined ? null : verdict;
}

/** One verdict, when the session is to end by itself. Without a rule only what can never begin ends it. */
export function endings(
  state$: Observable<EngineState>,
  rule: EndRule | null,
  options: { readonly isLenient: boolean },
): Observable<Verdict> {
  if (rule === null)
    return state$.pipe(
      map(options.isLenient ? isMistyped : cannotBegin),
      filter((verdict) => verdict !== null),
      take(1),
    );
  const verdict$ = state$.pipe(
    map((state) => ({
      verdict: judged(state, rule.retries),
      stableMs: keepsRunning(state) ? rule.stableMs : 0,
    })),
    distinctUntilChanged((a, b) => a.verdict?.ok === b.verdict?.ok && a.verdict?.exitCode === b.verdict?.exitCode),
    // Good news counts once it has lasted, bad news at once.
    switchMap(({ verdict, stableMs }) => {
      if (verdict === null) return EMPTY;
      return verdict.ok && stableMs > 0 ? timer(stableMs).pipe(map(() => verdict)) : of(verdict);
    }),
  );
  const late$ =
    rule.timeoutMs > 0
      ? timer(rule.timeoutMs).pipe(
          switchMap(() =>
            state$.pipe(
              take(1),
              map((state) => late(withCrashes(state, rule.retries), rule.timeoutMs)),
            ),
          ),
        )
      : EMPTY;
  const unreachable$ = state$.pipe(
    map(outOfReach),
    distinctUntilChanged((a, b) => (a === null) === (b === null)),
    // A daemon that is just starting gets a moment.
    switchMap((problem) => (problem === null ? EMPTY : timer(limits.unreachableMs).pipe(map(() => problem)))),
    map((problem): Verdict => ({ ok: false, exitCode: exitCodes.unreachable, problems: [problem] })),
  );
  return merge(verdict$, late$, unreachable$).pipe(take(1));
}

/** What is done for good cannot fall over again: there is nothing to watch then. */
const keepsRunning = (state: EngineState): boolean => readyIn(state).length > 0;

const readyIn = those(({ runtime }: ResourceState) => runtime.status === 'ready');

/** Docker or the cluster, where something waits for it, or the cluster's word that all is well. */
function outOfReach(state: EngineState): Problem | null {
  const isWaitedFor = (on: 'docker' | 'cluster') => listed(state).some(({ update: { hold } }) => hold?.reason === on);
  if (!state.docker.ok && state.docker.problem && isWaitedFor('docker')) return state.docker.problem;
  return !state.cluster.ok && state.cluster.problem && (isAllDone(state) || isWaitedFor('cluster'))
    ? state.cluster.problem
    : null;
}

/** A name on the command line that is none: no edit is waited for, whatever the view. */
function isMistyped({ config: { current, problems } }: EngineState): Verdict | null {
  const isName =
    current === null && problems.length > 0 && problems.every(({ code }) => code === problemCodes.unknownResource);
  return isName ? { ok: false, exitCode: exitCodes.usage, problems } : null;
}

/** The first configuration is broken, or its cluster may not be touched: with nobody at a screen there is nothing to wait for. */
function cannotBegin(state: EngineState): Verdict | null {
  if (state.config.current === null && state.config.problems.length > 0)
    return { ok: false, exitCode: exitCodes.usage, problems: state.config.problems };
  const hasWorked = listed(state).some(({ update: { hasSucceeded } }) => hasSucceeded);
  const refused = state.cluster.problem;
  if (!hasWorked && refused?.kind === 'yours') return { ok: false, exitCode: exitCodes.usage, problems: [refused] };
  return null;
}

/** What the process ends with: a bug before a verdict, a verdict before an interruption. */
export function finalVerdict(
  state: EngineState | null,
  given: Verdict | null,
  signal: NodeJS.Signals | null,
  { bug, denied }: { readonly bug: Problem | null; readonly denied: Problem | null },
): Verdict {
  if (bug) return { ok: false, exitCode: exitCodes.bug, problems: [bug] };
  if (denied) return { ok: false, exitCode: exitCodeOf(denied), problems: [denied] };
  if (given) return given;
  if (signal !== null) return { ok: false, exitCode: exitCodes.interrupted, problems: [] };
  const exitCode = state?.stop?.exitCode ?? 0;
  return { ok: exitCode === 0, exitCode, problems: [] };
}
