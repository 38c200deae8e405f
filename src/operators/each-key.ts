// One inner stream per key of a record; its lifetime is the key's, not the last event's.
import { BehaviorSubject, Observable, type Subscription } from 'rxjs';

interface Lane<T> {
  readonly value$: BehaviorSubject<T>;
  readonly subscription: Subscription;
  /** The key has gone; the inner stream may still be stopping. */
  isClosing: boolean;
  /** The key came back while the old stream was stopping. */
  returned: { value: T } | null;
}

/**
 * `make(key, value$)` is subscribed when a key appears; `value$` replays the newest value, emits on change of identity and
 * completes when the key goes. A key that returns while its old stream is still stopping waits for it.
 */
export function eachKey<T, R>(
  make: (key: string, value$: Observable<T>) => Observable<R>,
): (source: Observable<Readonly<Record<string, T>>>) => Observable<R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const lanes = new Map<string, Lane<T>>();
      let isSourceDone = false;

      const open = (key: string, value: T): void => {
        const value$ = new BehaviorSubject(value);
        let isOver = false;
        const subscription = make(key, value$.asObservable()).subscribe({
          next: (result) => subscriber.next(result),
          error: (error) => subscriber.error(error),
          complete: () => {
            isOver = true;
            const lane = lanes.get(key);
            if (lane?.value$ !== value$) return;
            // A stream that ends while its key is there stays ended until the key goes.
            if (!lane.isClosing) return;
            lanes.delete(key);
            if (lane.returned) open(key, lane.returned.value);
            finish();
          },
        });
        if (!isOver || !value$.closed) lanes.set(key, { value$, subscription, isClosing: false, returned: null });
      };
      const close = (key: string, lane: Lane<T>): void => {
        lane.returned = null;
        if (lane.isClosing) return;
        lane.isClosing = true;
        if (lane.subscription.closed) lanes.delete(key);
        lane.value$.complete();
      };
      const finish = (): void => {
        if (isSourceDone && lanes.size === 0) subscriber.complete();
      };
      const outer = source.subscribe({
        next: (record) => {
          for (const [key, lane] of [...lanes]) if (!Object.hasOwn(record, key)) close(key, lane);
          for (const key of Object.keys(record)) {
            const value = record[key] as T;
            const lane = lanes.get(key);
            if (!lane) open(key, value);
            else if (lane.isClosing) lane.returned = { value };
            else if (lane.value$.value !== value) lane.value$.next(value);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          isSourceDone = true;
          for (const [key, lane] of [...lanes]) close(key, lane);
          finish();
        },
      });
      return () => {
        outer.unsubscribe();
        for (const lane of lanes.values()) lane.subscription.unsubscribe();
        lanes.clear();
      };
    });
}
