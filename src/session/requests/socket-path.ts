// Where the socket of a project is: one per configuration file, readable by its owner alone, no TCP port.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { ownDirectory } from '../../adapters/fs/own-place.ts';
import { limits } from '../../model/limits.ts';
import { isProblemError, type Problem, ProblemError } from '../../model/problems/problem.ts';

/** `$XDG_RUNTIME_DIR/sluice/<hash>.sock`, else below a directory of the user's own in the temp directory. */
export function socketPath(file: string, env: Readonly<Record<string, string | undefined>>): string {
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 16);
  const own = join(tmpdir(), `sluice-${userInfo().uid}`, `${hash}.sock`);
  const runtime = env.XDG_RUNTIME_DIR;
  const given = runtime && mayHold(runtime) ? join(runtime, 'sluice', `${hash}.sock`) : own;
  // A longer one would be cut off without a word.
  return Buffer.byteLength(given) > limits.socketPathBytes ? own : given;
}

/** A relative one is none (XDG Base Directory), and a file holds nothing. One that is missing may be made. */
function mayHold(runtime: string): boolean {
  if (!isAbsolute(runtime)) return false;
  try {
    return statSync(runtime, { throwIfNoEntry: false })?.isDirectory() !== false;
  } catch {
    // A link to itself, or a way that may not be gone.
    return false;
  }
}

/** Makes the directory, 0700; refuses a link, and one that others may write to. */
export function socketDirectory(path: string): void {
  const dir = dirname(path);
  try {
    // Not `recursive`: where a parent cannot be made, Node tries it for ever.
    if (!existsSync(dirname(dir))) mkdirSync(dirname(dir), { mode: 0o700 });
    ownDirectory(dirname(dir), basename(dir));
  } catch (error) {
    const what = isProblemError(error) ? error.problem.what : `${dir} cannot be made (${(error as Error).message})`;
    throw new ProblemError(notPrivate(what));
  }
  const { uid, mode } = lstatSync(dir);
  if (isMine(uid) && (mode & 0o022) === 0) return;
  throw new ProblemError(notPrivate(`${dir} is not private to you`));
}

/** What keeps us from speaking to what stands at the socket's path, null where nothing does or nothing is there. */
export function oddSocket(path: string): Problem | null {
  for (const each of [dirname(path), path]) {
    const stat = lstatSync(each, { throwIfNoEntry: false });
    if (!stat) return null;
    if (stat.isSymbolicLink()) return notPrivate(`${each} is a link`);
    if (each === path && stat.isDirectory()) return notPrivate(`${each} is a directory`);
    if (!isMine(stat.uid)) return notPrivate(`${each} belongs to another user (uid ${stat.uid})`);
  }
  return null;
}

/** Where there are no user numbers (Windows), everything is. */
const isMine = (uid: number): boolean => {
  const mine = userInfo().uid;
  return mine < 0 || uid === mine;
};

const notPrivate = (what: string): Problem => ({
  kind: 'yours',
  code: 'S620',
  what: `${what}: no socket is used there`,
  hint: 'set XDG_RUNTIME_DIR to a directory of your own, or remove that one',
});
