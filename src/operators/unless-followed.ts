// What is as a rule followed by more at once is kept back: whoever looks then would look twice.
import { connect, filter, type MonoTypeOperatorFunction, map, mergeMap, of, takeUntil, timer } from 'rxjs';

export interface Following<T> {
  /** Is more of the same key to come? */
  readonly isFollowed: (value: T) => boolean;
  readonly key: (value: T) => string;
  /** How long that is waited for, in ms. */
  readonly withinMs: number;
}

/** What is to be followed goes on after `withinMs`, or not at all where something of its key has come meanwhile; all else at once. */
export function unlessFollowed<T>({ isFollowed, key, withinMs }: Following<T>): MonoTypeOperatorFunction<T> {
  return connect((shared$) =>
    shared$.pipe(
      mergeMap((value) => {
        if (!isFollowed(value)) return of(value);
        const more$ = shared$.pipe(filter((other) => key(other) === key(value)));
        return timer(withinMs).pipe(
          map(() => value),
          takeUntil(more$),
        );
      }),
    ),
  );
}
