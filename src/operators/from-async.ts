// An async body as a stream: what it emits, then its end. Unsubscribing raises its signal and waits for nothing.
import { Observable } from 'rxjs';

/** One for all: making one, with its stack, for each that ends took longer than all else of an end. */
const unsubscribed = new DOMException('unsubscribed', 'AbortError');

/**
 * Completes when `body` resolves, errors as it rejects. `stop` is aborted by unsubscribing, at the end too, and by `drop`, which
 * something else may hold.
 */
export function fromAsync<T>(
  body: (emit: (value: T) => void, stop: AbortSignal, drop: AbortController) => Promise<unknown>,
): Observable<T> {
  return new Observable((subscriber) => {
    const drop = new AbortController();
    body((value) => subscriber.next(value), drop.signal, drop).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => drop.abort(unsubscribed);
  });
}
