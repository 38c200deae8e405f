// How a change is brought in: each strategy claims work it can do and carries it out. composite.ts tries them in order.
import type { Observable } from 'rxjs';
import type { Ports } from '../model/ports.ts';
import type { RunEvent, RunResult, Work } from '../model/run.ts';

export type Claim =
  /** `because`: by which rules, with their places, where there are any. */
  | { readonly take: true; readonly because?: string }
  /** `show: 'user'` where the user would wonder why (a fallback rule hit), `debug` where it is obvious (no live rules). */
  | { readonly take: false; readonly because: string; readonly show: 'user' | 'debug' };

export interface Strategy {
  readonly name: string;
  /** Pure: from the work alone. */
  claim(work: Work): Claim;
  /**
   * Ends with one `ended` event, then completes with nothing left alive. A `declined` outcome hands over to the next
   * strategy; failed, cancelled and ok do not. Never errors for what can happen: an error here is a bug.
   */
  run(work: Work, stop: AbortSignal, ports: Ports): Observable<RunEvent>;
  /** What later updates need, started without being waited for (open the helper, warm a cache). */
  afterwards?(work: Work, result: RunResult, ports: Ports): void;
}
