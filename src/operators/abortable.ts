// A promise made by something that can be aborted, as a stream: unsubscribing aborts it.
import type { Observable } from 'rxjs';
import { fromAsync } from './from-async.ts';

/** Emits what `call` resolves to; errors as it rejects. Unsubscribing raises its signal. */
export const abortable = <T>(call: (stop: AbortSignal) => Promise<T>): Observable<T> =>
  fromAsync<T>(async (emit, stop) => emit(await call(stop)));
