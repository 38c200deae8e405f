// A promise made by something that can be aborted, as a stream: unsubscribing aborts it.
import { Observable } from 'rxjs';

/** Emits what `call` resolves to; errors as it rejects. Unsubscribing raises its signal. */
export function abortable<T>(call: (stop: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    call(stop.signal).then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error) => subscriber.error(error),
    );
    return () => stop.abort();
  });
}
