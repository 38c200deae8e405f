// The full-screen view: state, log and keys in, frames and asked-for actions out.
import type { Tui, TuiDeps } from './deps.ts';
import { Session } from './session.ts';

export type { Tui, TuiDeps } from './deps.ts';

/** Takes over the terminal at once; it is given back by `close`, and whatever else ends the process. */
export function startTui(deps: TuiDeps): Tui {
  const session = new Session(deps);
  session.start();
  return { closed: session.closed, close: () => session.close() };
}
