// Errors of a BuildKit on their way to becoming problems: out of reach, lost on the way, or its own words.
import { abortError, isAbort, isProblemError, type Problem, ProblemError } from '../../model/problems/problem.ts';
import { plain } from '../registry/daemon-text.ts';
import { GrpcError, grpcStatus } from './messages.ts';

/** Before anything was asked of it. */
export function unreachable(called: string, error: unknown): ProblemError {
  if (isProblemError(error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM')
    return new ProblemError({
      kind: 'denied',
      code: 'S208',
      what: `no right to use ${called}`,
      hint: 'its socket belongs to another user or group: join that group, or start buildkitd with --group',
    });
  return new ProblemError({
    kind: 'unavailable',
    code: 'S208',
    what: `${called} is out of reach: ${plain(message)}`,
    hint: 'is it running, and is the address of `builder` right? sluice doctor asks it',
  });
}

export const lostProblem = (called: string): Problem => ({
  kind: 'unavailable',
  code: 'S209',
  what: `the connection to ${called} was lost`,
  hint: 'trigger the resource to build again',
});

/** The far end answered: its words, which are to be read. Anything else means that the connection broke. */
export const wordsOf = (error: unknown): string | null =>
  error instanceof GrpcError && error.status !== grpcStatus.unavailable ? error.message : null;

/** An AbortError once `stop` is aborted, else a ProblemError. */
export function failureOf(error: unknown, called: string, stop: AbortSignal): Error {
  if (stop.aborted || isAbort(error)) return abortError();
  if (isProblemError(error)) return error;
  const words = wordsOf(error);
  if (words === null) return new ProblemError(lostProblem(called));
  return new ProblemError({ kind: 'step', code: 'S203', what: `${called}: ${plain(words)}` });
}
