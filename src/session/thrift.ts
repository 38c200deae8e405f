// What the start needed of memory and nobody needs any more is given back once the session rests. V8 by itself keeps it for the
// next burst of work, and bursts like the start do not come again.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { distinctUntilChanged, EMPTY, ignoreElements, type Observable, switchMap, tap, timer } from 'rxjs';
import { limits } from '../model/limits.ts';

export interface Heap {
  /** Bytes taken from the system, used or not. */
  readonly size: () => number;
  /** Holds everything up for as long as it takes: about a millisecond for each megabyte that is in use. */
  readonly collect: () => void;
}

/** Collects after `limits.restMs` of rest, where the heap has become large, and twice as large as it had to be. */
export function givenBack(isIdle$: Observable<boolean>, heap: Heap = ownHeap()): Observable<never> {
  let needed = 0;
  return isIdle$.pipe(
    distinctUntilChanged(),
    switchMap((isIdle) => (isIdle ? timer(limits.restMs) : EMPTY)),
    tap(() => {
      if (heap.size() < Math.max(limits.heapKeptBytes, 2 * needed)) return;
      heap.collect();
      needed = heap.size();
    }),
    ignoreElements(),
  );
}

function ownHeap(): Heap {
  return {
    size: () => process.memoryUsage().heapTotal,
    collect: () => {
      // Node has no other way to it than the one that `--expose-gc` opens.
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc') as () => void;
      setFlagsFromString('--no-expose-gc');
      gc();
    },
  };
}
