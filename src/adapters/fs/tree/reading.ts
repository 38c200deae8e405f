// What it means when a file that was listed cannot be read.
import { isAbort, ProblemError } from '../../../model/problem.ts';

/** Null where the file is gone, which is no failure; a problem where it is there and cannot be read. */
export function missingOr(error: NodeJS.ErrnoException, path: string): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  if (isAbort(error)) throw error;
  const what = `${path} cannot be read: ${error.code ?? error.message}`;
  const hint = 'give yourself read permission, or ignore it (`ignore`, .dockerignore)';
  throw new ProblemError({ kind: 'yours', code: 'S502', what, hint });
}
