// One inner stream per key of a record; its lifetime is the key's, not the last event's.
import { BehaviorSubject, Observable, type Subscriber, type Subscription } from 'rxjs';

/**
 * `make(key, value$)` is subscribed when a key appears; `value$` replays the newest value, emits on change of identity and
 * completes when the key goes. A key that returns while its old stream is still stopping waits for it.
 */
export function eachKey<T, R>(make: Make<T, R>): (source: Observable<Readonly<Record<string, T>>>) => Observable<R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const lanes = new Lanes(make, subscriber);
      const outer = source.subscribe({
        next: (record) => lanes.follow(record),
        error: (error) => subscriber.error(error),
        complete: () => lanes.end(),
      });
      return () => {
        outer.unsubscribe();
        lanes.drop();
      };
    });
}

type Make<T, R> = (key: string, value$: Observable<T>) => Observable<R>;

interface Lane<T> {
  readonly value$: BehaviorSubject<T>;
  readonly subscription: Subscription;
  /** The key has gone; the inner stream may still be stopping. */
  isClosing: boolean;
  /** The key came back while the old stream was stopping. */
  returned: { value: T } | null;
}

class Lanes<T, R> {
  private readonly lanes = new Map<string, Lane<T>>();
  private isSourceDone = false;
  private readonly make: Make<T, R>;
  private readonly subscriber: Subscriber<R>;

  constructor(make: Make<T, R>, subscriber: Subscriber<R>) {
    this.make = make;
    this.subscriber = subscriber;
  }

  follow(record: Readonly<Record<string, T>>): void {
    for (const [key, lane] of [...this.lanes]) if (!Object.hasOwn(record, key)) this.close(key, lane);
    for (const key of Object.keys(record)) {
      const value = record[key] as T;
      const lane = this.lanes.get(key);
      if (!lane) this.open(key, value);
      else if (lane.isClosing) lane.returned = { value };
      else if (lane.value$.value !== value) lane.value$.next(value);
    }
  }

  /** No key is there any more: completes once the last stream has. */
  end(): void {
    this.isSourceDone = true;
    for (const [key, lane] of [...this.lanes]) this.close(key, lane);
    this.finish();
  }

  drop(): void {
    for (const { subscription } of this.lanes.values()) subscription.unsubscribe();
    this.lanes.clear();
  }

  private open(key: string, value: T): void {
    const value$ = new BehaviorSubject(value);
    let isOver = false;
    const subscription = this.make(key, value$.asObservable()).subscribe({
      next: (result) => this.subscriber.next(result),
      error: (error) => this.subscriber.error(error),
      complete: () => {
        isOver = true;
        this.over(key, value$);
      },
    });
    if (!isOver || !value$.closed) this.lanes.set(key, { value$, subscription, isClosing: false, returned: null });
  }

  private close(key: string, lane: Lane<T>): void {
    lane.returned = null;
    if (lane.isClosing) return;
    lane.isClosing = true;
    if (lane.subscription.closed) this.lanes.delete(key);
    lane.value$.complete();
  }

  /** A stream that ends while its key is there stays ended until the key goes. */
  private over(key: string, value$: BehaviorSubject<T>): void {
    const lane = this.lanes.get(key);
    if (lane?.value$ !== value$ || !lane.isClosing) return;
    this.lanes.delete(key);
    if (lane.returned) this.open(key, lane.returned.value);
    this.finish();
  }

  private finish(): void {
    if (this.isSourceDone && this.lanes.size === 0) this.subscriber.complete();
  }
}
