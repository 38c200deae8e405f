// Batches are kept back while something says wait, then go out as one.
import { Observable } from 'rxjs';

/** Passes arrays through; while `held$` is true they are joined, and emitted as one when it becomes false or the source ends. */
export function bufferWhile<T>(
  held$: Observable<boolean>,
): (source: Observable<readonly T[]>) => Observable<readonly T[]> {
  return (source) =>
    new Observable<readonly T[]>((subscriber) => {
      let isHeld = false;
      let kept: T[] = [];
      const release = (): void => {
        const batch = kept;
        kept = [];
        if (batch.length > 0) subscriber.next(batch);
      };
      const gate = held$.subscribe({
        next: (held) => {
          isHeld = held;
          if (!held) release();
        },
        error: (error) => subscriber.error(error),
      });
      gate.add(
        source.subscribe({
          next: (batch) => {
            if (!isHeld) subscriber.next(batch);
            else for (const value of batch) kept.push(value);
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            release();
            subscriber.complete();
          },
        }),
      );
      return gate;
    });
}
