// Ctrl-C for commands that end by themselves: what was started is given up and waited for, and the second one waits for nothing.
import { exitCodes } from '../engine/verdict.ts';
import { limits } from '../model/limits.ts';

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The exit code of `run`, whose signal is raised at the first Ctrl-C or when nobody takes the output; 130 when it was. */
export async function interruptible(run: (stop: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let giveUp: (code: number) => void = () => {};
  const givenUp = new Promise<number>((resolve) => {
    giveUp = resolve;
  });
  const cancel = (): void => {
    if (stop.signal.aborted) giveUp(exitCodes.interrupted);
    stop.abort();
    setTimeout(() => giveUp(exitCodes.interrupted), limits.closeMs).unref();
  };
  const unread = (): void => stop.abort();
  for (const signal of signals) process.on(signal, cancel);
  process.stdout.on('error', unread);
  try {
    return await Promise.race([run(stop.signal), givenUp]);
  } catch (error) {
    if (stop.signal.aborted) return exitCodes.interrupted;
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, cancel);
    process.stdout.off('error', unread);
  }
}
