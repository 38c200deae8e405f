// switchMap for work that takes time to stop: the stale run is asked to stop and waited for before the newest one starts.
import { Observable, type Subscriber, type Subscription } from 'rxjs';

/**
 * At most one inner run and one waiting value, the newest. `abort`: a new value raises the run's AbortSignal and waits for
 * its completion, keeping what it still emits; `finish`: the run is let end. Source completion drains, unsubscribing drops.
 */
export function switchMapAfterStop<T, R>(
  run: Run<T, R>,
  mode: 'abort' | 'finish' = 'abort',
): (source: Observable<T>) => Observable<R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const one = new OneRun(run, mode, subscriber);
      const outer = source.subscribe({
        next: (value) => one.take(value),
        error: (error) => subscriber.error(error),
        complete: () => one.end(),
      });
      return () => {
        outer.unsubscribe();
        one.drop();
      };
    });
}

type Run<T, R> = (value: T, stop: AbortSignal) => Observable<R>;

class OneRun<T, R> {
  private inner: Subscription | null = null;
  /** Of the run that is there, null where none is. */
  private stop: AbortController | null = null;
  private waiting: { readonly value: T } | null = null;
  private isSourceDone = false;
  private readonly run: Run<T, R>;
  private readonly mode: 'abort' | 'finish';
  private readonly subscriber: Subscriber<R>;

  constructor(run: Run<T, R>, mode: 'abort' | 'finish', subscriber: Subscriber<R>) {
    this.run = run;
    this.mode = mode;
    this.subscriber = subscriber;
  }

  take(value: T): void {
    if (!this.stop) this.start(value);
    else {
      this.waiting = { value };
      if (this.mode === 'abort') this.stop.abort();
    }
  }

  end(): void {
    this.isSourceDone = true;
    if (!this.stop && !this.waiting) this.subscriber.complete();
  }

  drop(): void {
    this.waiting = null;
    // Dropping is final, but who only listens to the signal must hear of it too.
    this.stop?.abort();
    this.inner?.unsubscribe();
  }

  private start(value: T): void {
    const mine = new AbortController();
    this.stop = mine;
    let runs: Observable<R>;
    try {
      runs = this.run(value, mine.signal);
    } catch (error) {
      this.subscriber.error(error);
      return;
    }
    let isOver = false;
    const started = runs.subscribe({
      next: (result) => this.subscriber.next(result),
      error: (error) => this.subscriber.error(error),
      complete: () => {
        isOver = true;
        this.inner = null;
        this.stop = null;
        this.next();
      },
    });
    if (!isOver) this.inner = started;
  }

  private next(): void {
    if (this.waiting) {
      const { value } = this.waiting;
      this.waiting = null;
      this.start(value);
    } else if (this.isSourceDone) this.subscriber.complete();
  }
}
