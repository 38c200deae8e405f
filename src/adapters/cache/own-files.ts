// Files in the user's cache directory: read only where nobody else could have written them, and as few as are in use.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { limits } from '../../model/limits.ts';

/**
 * `$XDG_CACHE_HOME/sluice` or `~/.cache/sluice`; null where the user has none, as nothing is written in the home of
 * another, or wants none.
 */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string | null {
  if (env.NODE_DISABLE_COMPILE_CACHE) return null;
  const given = env.XDG_CACHE_HOME;
  try {
    const base = given && isAbsolute(given) ? given : join(homedir(), '.cache');
    return join(base, 'sluice');
  } catch {
    return null;
  }
}

/** What is in it. Throws where it is not there, and where somebody else may have written it. */
export function readOwn(path: string): Buffer {
  const opened = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(opened);
    if (!stat.isFile() || !isMine(stat)) throw new Error('somebody else may have written it');
    touch(opened);
    return readFileSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** It is in use; on a file system that is only read nothing is forgotten. */
function touch(opened: number): void {
  const now = new Date();
  try {
    futimesSync(opened, now, now);
  } catch {
    // What is there serves all the same.
  }
}

/** In one go, and made with its directory where that is missing; what was longest not read goes. Throws where the disk is full, or may not be written to. */
export function writeOwn(dir: string, path: string, content: Buffer): void {
  const base = dirname(dir);
  made(base);
  if (!isMine(statSync(base))) return;
  made(dir);
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || !isMine(stat)) return;
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  forgetOld(dir, endingOf(path));
}

/** Not `recursive`: where a parent cannot be made, Node tries it for ever. */
function made(dir: string): void {
  if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
}

/** Nobody else writes there. Where there are no user numbers (Windows), everything is the user's own. */
const isMine = ({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);

/** What was longest not read of the same kind, which the ending of a name tells. */
function forgetOld(dir: string, kind: string): void {
  const all = readdirSync(dir)
    .filter((name) => endingOf(name) === kind)
    .map((name) => ({ path: join(dir, name), at: lstatSync(join(dir, name)).mtimeMs }));
  for (const { path } of all.toSorted((a, b) => b.at - a.at).slice(limits.cacheFiles)) rmSync(path, { force: true });
}

const endingOf = (name: string): string => /\.[a-z]+$/.exec(name)?.[0] ?? '';
