// The last resort for the terminal: whatever ends the process, it is given back first.

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Calls `restore` when the process exits, throws, or gets a deadly signal. Where nobody else listens for the signal, it
 * then does what it would have done. Returns how to take all of this back.
 */
export function restoring(restore: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    restore();
    undo();
    process.kill(process.pid, signal);
  };
  const undo = () => {
    process.removeListener('exit', restore);
    process.removeListener('uncaughtExceptionMonitor', restore);
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  process.on('exit', restore);
  process.on('uncaughtExceptionMonitor', restore);
  for (const signal of signals) process.on(signal, onSignal);
  return undo;
}
