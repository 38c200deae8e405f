// Batches are kept back while something says wait, then go out as one.
import { Observable, Subscription } from 'rxjs';

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
      // Not one within the other: what ends first must not take the other along.
      const all = new Subscription();
      const gate = held$.subscribe({
        next: (held) => {
          isHeld = held;
          if (!held) release();
        },
        error: (error) => subscriber.error(error),
      });
      all.add(gate);
      all.add(
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
      return all;
    });
}
