// Directories that sluice makes for itself, each 0700, and files in them. Nothing is written through a link: a repository may
// carry `.sluice` as one, and anybody may put one into a temp directory that all share.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problems/problem.ts';

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants;

/**
 * The directory `names`, one below the other, of `base`, which is the user's own choice and may be a link. Each is made where it
 * is missing, and one that others may look into is closed to them. Throws a ProblemError S508 for a link, or a directory of
 * somebody else; what the system denies as it is.
 */
export function ownDirectory(base: string, ...names: readonly string[]): string {
  const { uid } = statSync(base);
  let path = base;
  for (const name of names) {
    path = join(path, name);
    makeOwn(path, uid);
  }
  return path;
}

function makeOwn(path: string, ofBase: number): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (lstatSync(path).isSymbolicLink()) throw refused(`${path} is a link: nothing is written through it`);
  // What was looked at is what is changed, whatever is put in its place meanwhile.
  const opened = openSync(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
  try {
    close(path, opened, fstatSync(opened), ofBase);
  } finally {
    closeSync(opened);
  }
}

/** Root may have made it in a project of ours (sudo), and works in those of others (containers). */
function close(path: string, opened: number, { uid, mode }: Stats, ofBase: number): void {
  const mine = process.getuid?.() ?? uid;
  if (![mine, ofBase, 0].includes(uid)) throw refused(`${path} belongs to another user (uid ${uid})`);
  if ((mode & 0o077) === 0) return;
  try {
    fchmodSync(opened, 0o700);
  } catch (error) {
    // File systems without modes, and directories of root: what stands around it is as open.
    if (!['EPERM', 'EROFS', 'ENOTSUP', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Makes a file that was not there, 0600. Throws EEXIST where anything stands, a link that leads nowhere included. */
export function makeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // On a full disk it is made and stays empty.
    if ((error as NodeJS.ErrnoException).syscall === 'write') rmSync(path, { force: true });
    throw error;
  }
}

/** Text of a file of ours; null where it is missing, no regular file, or larger than such a one gets. */
export function readOwn(path: string): string | null {
  let opened: number;
  try {
    opened = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(opened);
    return stat.isFile() && stat.size <= limits.noteBytes ? readFileSync(opened, 'utf8') : null;
  } catch {
    return null;
  } finally {
    closeSync(opened);
  }
}

const refused = (what: string): ProblemError =>
  new ProblemError({ kind: 'yours', code: 'S508', what, hint: 'remove it: sluice makes a directory of its own there' });
