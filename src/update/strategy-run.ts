// A strategy's run from an async body: events as it says them, exactly one outcome at the end, failures and aborts made outcomes.
import type { Observable } from 'rxjs';
import { isAbort, isProblemError, problemOf } from '../model/problems/problem.ts';
import type { BuiltImage, Outcome, RunEvent } from '../model/run.ts';
import { fromAsync } from '../operators/from-async.ts';

export interface Saying {
  step(step: string, detail?: string): void;
  /** Which half a failure from now on belongs to, for the exit code of `ci`. */
  phase(phase: 'build' | 'deploy' | 'update'): void;
  /** Finished images are kept also when what follows fails or is cancelled. */
  built(image: BuiltImage): void;
}

/** `body` gets a signal that is aborted by `stop` and by unsubscribing. */
export function strategyRun(
  stop: AbortSignal,
  body: (say: Saying, stop: AbortSignal) => Promise<Outcome>,
): Observable<RunEvent> {
  return fromAsync(async (emit, drop) => {
    const images: BuiltImage[] = [];
    let phase: 'build' | 'deploy' | 'update' = 'build';
    const say: Saying = {
      step: (step, detail) => emit({ is: 'step', step, ...(detail ? { detail } : {}) }),
      phase: (next) => {
        phase = next;
      },
      built: (image) => images.push(image),
    };
    const failed = (error: unknown): Outcome =>
      isAbort(error) || stop.aborted
        ? { is: 'cancelled', by: 'stopped', images }
        : {
            is: 'failed',
            problem: problemOf(error),
            ...othersOf(error),
            phase,
            images,
            ledgers: {},
            inconsistent: false,
          };
    emit({ is: 'ended', outcome: await body(say, AbortSignal.any([stop, drop])).catch(failed) });
  });
}

const othersOf = (error: unknown) => (isProblemError(error) && error.others.length > 0 ? { others: error.others } : {});
