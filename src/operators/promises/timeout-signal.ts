// A signal of a time that has passed, held until then.

/**
 * Raised after `ms`, with a TimeoutError, as AbortSignal.timeout is; it keeps no process alive. That one is forgotten by Node 20
 * together with its time where AbortSignal.any alone knows it: what waited for it would wait for ever. A timer holds this one.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const late = new AbortController();
  setTimeout(() => late.abort(new DOMException('It took too long', 'TimeoutError')), ms).unref();
  return late.signal;
}
