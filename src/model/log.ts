// Log lines and how they are read. Bytes never enter the reducer; the store in src/logs holds them.
import type { Observable } from 'rxjs';
import type { Problem } from './problems/problem.ts';

export type LogSource = 'build' | 'runtime' | 'engine';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a chunk of output belongs to. */
export interface LogOrigin {
  readonly resource: string;
  readonly source: LogSource;
  readonly pod?: string;
  readonly container?: string;
  /** The run of an update; of what runs, which start of it said this (log-run.ts). */
  readonly run?: string;
}

export interface LogLine extends LogOrigin {
  /** Counts up over all lines of the session: a stable anchor for views, also after old lines were dropped. */
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly level: LogLevel;
  /** Without line end; SGR colours kept, every other control sequence removed, secrets scrubbed. */
  readonly text: string;
}

export interface LogFilter {
  readonly resources?: readonly string[];
  readonly pods?: readonly string[];
  readonly containers?: readonly string[];
  readonly sources?: readonly LogSource[];
  readonly runs?: readonly string[];
  /** Lowest level shown: `warn` includes `error`. */
  readonly level?: LogLevel;
  readonly pattern?: RegExp;
}

/** Lines around a place. `before`/`after` say whether there are more. */
export interface LogWindow {
  readonly lines: readonly LogLine[];
  readonly before: boolean;
  readonly after: boolean;
  /** Why lines that were asked for may be missing: the pattern takes too long. */
  readonly problem?: Problem;
}

export interface LogReader {
  /** New lines as they come, in batches; replays nothing. */
  readonly lines$: Observable<readonly LogLine[]>;
  /** The newest `count` matching lines; from memory only, synchronous, O(count) without a pattern. */
  tail(filter: LogFilter, count: number): LogWindow;
  /** `count` matching lines from line `seq` on (`seq` included), forwards or backwards; memory only, synchronous. */
  read(filter: LogFilter, seq: number, count: number, direction: 'forward' | 'back'): LogWindow;
  /** The same over everything, spill files included; may take disk reads. */
  readAll(
    filter: LogFilter,
    seq: number,
    count: number,
    direction: 'forward' | 'back',
    stop: AbortSignal,
  ): Promise<LogWindow>;
  /** Next line from `seq` (excluded) that matches, spill included; yields to the loop every few ms. */
  search(filter: LogFilter, seq: number, direction: 'forward' | 'back', stop: AbortSignal): Promise<LogLine | null>;
  /** Number of matching lines and the seqs of at most `most` of them, spill included; yields to the loop. */
  searchAll(
    filter: LogFilter,
    most: number,
    stop: AbortSignal,
  ): Promise<{ readonly count: number; readonly seqs: readonly number[] }>;
  stats(resource: string): { readonly lines: number; readonly bytes: number };
  /** First and last seq in memory. */
  readonly range: { readonly first: number; readonly last: number };
}

/** A line that is drawn over and over, as it stands. */
export interface Drawn {
  readonly origin: LogOrigin;
  readonly text: string;
}

export interface LogStore extends LogReader {
  /** Progress as it changes, at most once a second and origin; of it the log itself keeps a few states and the last. */
  readonly drawn$: Observable<Drawn>;
  /**
   * Adds output. Partial lines wait for their end; `\r` progress is folded to the last state of the line. `missing`: characters of
   * the line this chunk ends that its source has left out already.
   */
  write(origin: LogOrigin, chunk: Uint8Array | string, at: number, missing?: number): void;
  /** Ends a partial line of this origin. */
  end(origin: LogOrigin, at: number): void;
  /** One whole line with a level, for what the engine itself says. */
  line(origin: LogOrigin, level: LogLevel, text: string, at: number): void;
  /** At most `count` lines that explain an end, colours stripped: the line that matters first, without one the last lines. */
  tailText(filter: LogFilter, count: number): readonly string[];
  clear(resource: string): void;
  /** Values never shown from now on; also scrubbed from what is already in memory. */
  hide(secrets: readonly Secret[]): void;
  /** The same for other texts (recordings, states), which are free of values that are `isOurs` as well. */
  scrub(text: string): string;
  /** For what programs print: as their lines are. */
  scrubOutput(text: string): string;
  /** Another function after each value that came to be hidden: what was cleaned by it is clean as long as it is the same. */
  readonly scrubber: (text: string) => string;
  close(): Promise<void>;
}

/** A value that must never be shown, and what stands in its place: `[redacted NAME:KEY]`. */
export interface Secret {
  readonly name: string;
  readonly key: string;
  readonly value: string;
  /** Kept out of what sluice itself says and writes; what a program prints stays as it is. */
  readonly isOurs?: boolean;
}
