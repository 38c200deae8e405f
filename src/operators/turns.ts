// What comes within one turn of the event loop goes on together: who answers a burst decides once for all of it.
import { Observable } from 'rxjs';

/**
 * Emits what came since the last turn as one array, in the check phase of the event loop (`setImmediate`): after all input that
 * was there, before any more is read. An end of the source passes on what is left at once. What holds the process open is the
 * source, not a turn that is due.
 */
export function turns<T>(): (source: Observable<T>) => Observable<readonly T[]> {
  return (source) =>
    new Observable<readonly T[]>((subscriber) => {
      let due: T[] = [];
      let turn: NodeJS.Immediate | null = null;
      const pass = (): void => {
        turn = null;
        const all = due;
        due = [];
        if (all.length > 0) subscriber.next(all);
      };
      const outer = source.subscribe({
        next: (value) => {
          due.push(value);
          turn ??= setImmediate(pass);
        },
        error: (error) => {
          pass();
          subscriber.error(error);
        },
        complete: () => {
          pass();
          subscriber.complete();
        },
      });
      return () => {
        outer.unsubscribe();
        if (turn !== null) clearImmediate(turn);
      };
    });
}
