// Errors that nobody caught: thrown in a callback, or the reason of a promise nobody looked at. While a session listens they
// end it in order; else src/main.ts is the last to hear of them.
import { wordsOf } from '../engine/fault.ts';
import type { Fact } from '../model/fact.ts';
import { isAbort, isProblemError, type Problem, ProblemError } from '../model/problems/problem.ts';
import { exitCodeOf } from './end/exit-code.ts';

const events = ['uncaughtException', 'unhandledRejection'] as const;

/** Calls `heard` for each, until the function that is returned is called. */
export function uncaught(heard: (error: unknown) => void): () => void {
  for (const event of events) process.on(event, heard);
  return () => {
    for (const event of events) process.off(event, heard);
  };
}

/** Nobody but the caller listens: it is the last one. */
export const isLastResort = (): boolean => events.every((event) => process.listenerCount(event) <= 1);

/** What the operating system said no to is not a bug: the words are its own, with the path. Null for anything else. */
export function environmentProblem(error: unknown): Problem | null {
  if (isProblemError(error)) return error.problem;
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (!(error instanceof Error) || typeof syscall !== 'string' || typeof code !== 'string') return null;
  if (syscall === 'uv_cwd') return nowhere;
  return { kind: 'step', code: 'S005', what: wordsOf(error), hint: hints[code] ?? 'see to that, and try again' };
}

const nowhere: Problem = {
  kind: 'yours',
  code: 'S005',
  what: 'the working directory is not there any more',
  hint: 'cd to one that is; one that was made again under the same name has to be entered again',
};

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on that disk',
  EDQUOT: 'make room within your quota',
  EACCES: 'give yourself the right to it, or name another place',
  EPERM: 'give yourself the right to it, or name another place',
  EROFS: 'name a place that can be written',
  ENOTDIR: 'a file stands where a directory is needed',
  EISDIR: 'a directory stands where a file is needed',
  EMFILE: 'raise the limit of open files: ulimit -n',
  ENAMETOOLONG: 'name a shorter path',
};

/** What is told of a bug; `recording` is where what led to it can be found. */
export const bugProblem = (words: string, recording: string | null): Problem => ({
  kind: 'step',
  code: 'S002',
  what: `a bug in sluice: ${words}`,
  hint: recording ? `please report it with the recording ${recording}` : 'please report it, with what you did before',
});

export interface Faults {
  /** Any error that nobody else has a use for; `where` for a bug. */
  readonly heard: (error: unknown, where?: string) => void;
  /** What the environment denied, the first of it. */
  denied(): Problem | null;
  close(): void;
}

/** Bugs become a fact and what the system refused an end of the session; a call that was given up is neither. */
export function faults(put: (fact: Fact) => void, onFirst: () => void): Faults {
  let denied: Problem | null = null;
  let isOver = false;
  const heard = (error: unknown, where = 'a callback'): void => {
    if (isOver || isAbort(error)) return;
    isOver = true;
    denied = environmentProblem(error);
    if (process.env.SLUICE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    if (denied) put({ type: 'session/stop-asked', reason: denied.what, exitCode: exitCodeOf(denied) });
    else put({ type: 'engine/bug', where, error: wordsOf(error) });
    onFirst();
  };
  const nobody = uncaught((error) => heard(error));
  return { heard, denied: () => denied, close: nobody };
}

export interface Output {
  /** Nobody reads it any more. */
  hasReader(): boolean;
  close(): void;
}

/** A session whose output has no reader ends as by SIGPIPE; any other error of it is told. */
export function watchOutput(out: NodeJS.WritableStream, put: (fact: Fact) => void, heard: Faults['heard']): Output {
  let hasReader = true;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (!isGone(error)) heard(outputProblem(error));
    if (!isGone(error) || !hasReader) return;
    hasReader = false;
    put({ type: 'session/stop-asked', reason: 'nobody reads its output any more', exitCode: brokenPipe });
  };
  out.on('error', failed);
  return { hasReader: () => hasReader, close: () => void out.off('error', failed) };
}

/** What a shell reports of a program that SIGPIPE ended. */
export const brokenPipe = 141;

export const isGone = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED';

export const outputProblem = (error: NodeJS.ErrnoException): ProblemError => unwritable('the output', error);

/** An error of a write names no path itself. */
export const unwritable = (what: string, { message, code }: NodeJS.ErrnoException): ProblemError =>
  new ProblemError({
    kind: 'step',
    code: 'S006',
    what: `${what} cannot be written: ${message}`,
    hint: hints[code ?? ''] ?? 'write it somewhere else',
  });
