// Values that differ in what somebody reads of them.
import { distinctUntilChanged, type MonoTypeOperatorFunction, map } from 'rxjs';

/** Passes on a value where one of its `parts` is another than that of the value before; `parts` is asked once of each. */
export const distinctParts =
  <T>(parts: (value: T) => readonly unknown[]): MonoTypeOperatorFunction<T> =>
  (source) =>
    source.pipe(
      map((value) => ({ value, parts: parts(value) })),
      distinctUntilChanged(
        (a, b) => a.parts.length === b.parts.length && a.parts.every((part, i) => part === b.parts[i]),
      ),
      map(({ value }) => value),
    );
