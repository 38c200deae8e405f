// Looks at things that change: one look at each at a time, the last of them begun after its last change.
import { defer, EMPTY, finalize, mergeMap, type Observable, of, repeat } from 'rxjs';

/** `make` for each key of the source, side by side; a key that comes again while its stream runs has it made once more after it. */
export function onceMore<R>(make: (key: string) => Observable<R>): (source: Observable<string>) => Observable<R> {
  return (source) =>
    defer(() => {
      /** Those under way, and whether they have come again. */
      const again = new Map<string, boolean>();
      const run = (key: string): Observable<R> =>
        defer(() => {
          again.set(key, false);
          return make(key);
        }).pipe(
          repeat({ delay: () => (again.get(key) ? of(true) : EMPTY) }),
          finalize(() => again.delete(key)),
        );
      return source.pipe(
        mergeMap((key) => {
          if (!again.has(key)) return run(key);
          again.set(key, true);
          return EMPTY;
        }),
      );
    });
}
