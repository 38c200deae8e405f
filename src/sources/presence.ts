// Whether something outside is there, asked for as long as the session needs it.
import { distinctUntilChanged, EMPTY, map, type Observable, type ObservableInput, switchMap, timer } from 'rxjs';
import { limits } from '../model/limits.ts';
import { problemCodes } from '../model/problems/code-names.ts';
import { hasCode } from '../model/problems/problem.ts';
import type { EngineState } from '../model/state.ts';
import { type Beat, heartbeat } from '../operators/heartbeat.ts';

export interface Presence<T> {
  readonly isNeeded: (state: EngineState) => boolean;
  /** Asked every limits.healthEveryMs while needed, where nothing else is said; more often after a failure. Only changes are told. */
  readonly check: (stop: AbortSignal) => Promise<T>;
  readonly everyMs?: (value: T) => number;
  /** See HeartbeatOptions. */
  readonly watch?: (value: T) => ObservableInput<unknown>;
  /** How often others have found it gone: each time it is looked for anew, after ms that they tell. */
  readonly doubts?: (state: EngineState) => { readonly count: number; readonly waitMs: number };
}

const isLogin = (error: unknown): boolean => hasCode(error, problemCodes.loginPluginFailed);

const none = { count: 0, waitMs: 0 };

export function presence<T>(state$: Observable<EngineState>, options: Presence<T>): Observable<Beat<T>> {
  const { isNeeded, check, everyMs = () => limits.healthEveryMs, watch, doubts } = options;
  const beats$ = heartbeat({
    check,
    ...(watch ? { watch } : {}),
    everyMs,
    firstMs: limits.healthRetryFirstMs,
    maxMs: (error) => (isLogin(error) ? limits.loginRetryMaxMs : limits.healthRetryMaxMs),
  });
  return state$.pipe(
    map((state) => (isNeeded(state) ? (doubts?.(state) ?? none) : null)),
    distinctUntilChanged((a, b) => a?.count === b?.count),
    switchMap((doubt) => {
      if (doubt === null) return EMPTY;
      return doubt.waitMs > 0 ? timer(doubt.waitMs).pipe(switchMap(() => beats$)) : beats$;
    }),
  );
}
