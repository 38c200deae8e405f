// Whether something outside is there, asked for as long as the session needs it.
import { distinctUntilChanged, EMPTY, map, type Observable, switchMap } from 'rxjs';
import { limits } from '../model/limits.ts';
import type { EngineState } from '../model/state.ts';
import { type Beat, heartbeat } from '../operators/heartbeat.ts';

/** `check` is asked every limits.healthEveryMs while `isNeeded`, more often after a failure; only changes are told. */
export function presence<T>(
  state$: Observable<EngineState>,
  isNeeded: (state: EngineState) => boolean,
  check: (stop: AbortSignal) => Promise<T>,
): Observable<Beat<T>> {
  const beats$ = heartbeat({
    check,
    everyMs: limits.healthEveryMs,
    firstMs: limits.healthRetryFirstMs,
    maxMs: limits.feedRetryMaxMs,
  });
  return state$.pipe(
    map(isNeeded),
    distinctUntilChanged(),
    switchMap((needed) => (needed ? beats$ : EMPTY)),
  );
}
