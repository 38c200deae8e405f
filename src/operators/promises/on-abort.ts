// Listening to signals, and no longer than there is something to be done: one that lives as long as the session would keep every
// listener that was ever added, and all that these hold.

/**
 * Calls `then` once, when the signal (or any of several) is raised; where it is already, right after this has returned. The
 * result takes the listeners away, also before that.
 */
export function onAbort(stop: AbortSignal | readonly AbortSignal[], then: () => void): () => void {
  const signals = [stop].flat();
  let isOff = false;
  const off = (): void => {
    isOff = true;
    for (const signal of signals) signal.removeEventListener('abort', fire);
  };
  const fire = (): void => {
    if (isOff) return;
    off();
    then();
  };
  for (const signal of signals) signal.addEventListener('abort', fire);
  if (signals.some(({ aborted }) => aborted)) queueMicrotask(fire);
  return off;
}
