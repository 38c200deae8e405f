// What it means when a file that was listed cannot be read.
import { isAbort, ProblemError } from '../../../model/problems/problem.ts';

/** Null where the file is gone, which is no failure; a problem where it is there and cannot be read. */
export function missingOr(error: NodeJS.ErrnoException, path: string): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  if (isAbort(error)) throw error;
  const what = `${path} cannot be read: ${error.code ?? error.message}`;
  const hint = isOfDisk(error) ? failingDisk : 'give yourself read permission, or ignore it (`ignore`, .dockerignore)';
  throw new ProblemError({ kind: 'yours', code: 'S502', what, hint });
}

/** The disk, or the server behind a network's file system, does not give what it holds: no permission mends it, nor does waiting. */
export const isOfDisk = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EIO' || code === 'ESTALE' || code === 'ENODEV' || code === 'EBADMSG' || code === 'EUCLEAN';

export const failingDisk = 'its disk, or what it is mounted from, fails: see dmesg, mount it again, or ignore the file';
