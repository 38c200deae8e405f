// A command in a container: its streams, its end, and how it is run.
import type { Readable, Writable } from 'node:stream';

export interface ExecStream {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<{ readonly code: number }>;
  /** Closes the connection at once. */
  drop(): void;
  /** Of a terminal. */
  resize?(size: WindowSize): Promise<void>;
}

/** In characters. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

export interface ExecOptions {
  readonly stdin?: boolean;
  /** Its input and output are a terminal: all output is on stdout, as it comes. Docker only. */
  readonly tty?: boolean;
  /** Left to itself once it has started: nothing is read or written, `exit` is 0. Docker only. */
  readonly detached?: boolean;
  /** Who runs it, with which rights, where, and with which variables (`KEY=value`); as the container's own without. Docker only. */
  readonly user?: string;
  readonly privileged?: boolean;
  readonly dir?: string;
  readonly env?: readonly string[];
}
