// What the view is given, and what it gives back.
import type { Observable } from 'rxjs';
import type { LogReader } from '../../model/log.ts';
import type { PublicState, UserAction } from '../../model/public-state.ts';
import type { Env } from './terminal/terminal.ts';

export interface TuiDeps {
  readonly state$: Observable<PublicState>;
  readonly logs: LogReader;
  act(action: UserAction): void;
  clearLogs(resource: string): void;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly env: Env;
  /** ms epoch. */
  readonly now: () => number;
  /** `~/.config/sluice/keys.yaml`, null for the defaults. It need not exist. */
  readonly keysFile: string | null;
  openUrl(url: string): void;
  /** What stands in the header: the project's name. */
  readonly title: string;
}

export interface Tui {
  /**
   * `quit` when the user wants the session to end: the view stays until `close`, and a second quit raises SIGINT.
   * `error` when the terminal is gone.
   */
  readonly closed: Promise<'quit' | 'error'>;
  /** Gives the terminal back as it was. May be called more than once. */
  close(): void;
}
