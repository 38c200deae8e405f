// A problem is a value: what is wrong, where, and what to do next. Exceptions are for bugs.
import type { FieldFault } from './field-fault.ts';

/** Where something stands in a file the user wrote. `line` and `column` count from 1. */
export interface SourcePos {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The line of a place as it is shown: perhaps a part of it, and the column of the place in that, from 1. */
export interface Excerpt {
  readonly text: string;
  readonly column: number;
}

/**
 * Whose move it is: `yours` waits for an edit · `step` a tool said no · `unavailable` retried with back-off ·
 * `denied` not retried until config or context changes · `timeout` a limit of ours ran out.
 */
export type ProblemKind = 'yours' | 'step' | 'unavailable' | 'denied' | 'timeout';

export interface Problem {
  readonly kind: ProblemKind;
  /** Stable and never reused; `codes.ts` beside lists them all. */
  readonly code: string;
  readonly what: string;
  readonly hint?: string;
  readonly at?: SourcePos;
  /** The line of `at`, where it may be shown: never of a Secret or an env file. */
  readonly excerpt?: Excerpt;
  /** Which pod, container and start of a program it is about, where it is about one: `run` is that of its log lines. */
  readonly of?: { readonly pod?: string; readonly container?: string; readonly run?: string };
  /** The last lines of what was running, oldest first; at most `limits.problemLogLines`. */
  readonly logTail?: readonly string[];
}

/** How an adapter or loader rejects: an expected failure on its way to becoming a fact. Anything else thrown is a bug. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Of an object that was refused: what was said of single fields. */
  readonly fields: readonly FieldFault[];
  /** What went wrong beside it. */
  readonly others: readonly Problem[];
  constructor(
    problem: Problem,
    more: { readonly fields?: readonly FieldFault[]; readonly others?: readonly Problem[] } = {},
  ) {
    super(problem.what);
    this.name = 'ProblemError';
    this.problem = problem;
    this.fields = more.fields ?? [];
    this.others = more.others ?? [];
  }
}

export const isProblemError = (error: unknown): error is ProblemError => error instanceof ProblemError;

/** Has it failed with one of these codes? See problem-codes.ts. */
export const hasCode = (error: unknown, ...codes: readonly string[]): error is ProblemError =>
  isProblemError(error) && codes.includes(error.problem.code);

/** The problem inside an error, or a `step` problem made of it where something unexpected was thrown. */
export function problemOf(error: unknown, code = 'S001'): Problem {
  if (isProblemError(error)) return error.problem;
  const what = error instanceof Error ? error.message : String(error);
  return { kind: 'step', code, what };
}

/** What a call rejects with whose signal was aborted. */
export const abortError = (): Error => Object.assign(new Error('cancelled'), { name: 'AbortError', code: 'ABORT_ERR' });

/** True for the rejection of an aborted call: a cancel, which is an outcome and no problem. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ABORT_ERR');
