// An async body as a stream: what it emits, then its end. Unsubscribing raises its signal and waits for nothing.
import { Observable } from 'rxjs';

/** Completes when `body` resolves, errors as it rejects. `stop` is aborted by unsubscribing, at the end too. */
export function fromAsync<T>(body: (emit: (value: T) => void, stop: AbortSignal) => Promise<unknown>): Observable<T> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    body((value) => subscriber.next(value), stop.signal).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => stop.abort();
  });
}
