// Compiled code of one command, in a file of the user's cache directory. It is run as it is read: none is taken that somebody else
// could have written, or that is not whole. Whatever goes wrong, the program is compiled again.
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
import { limits } from '../model/limits.ts';
import { packed, unpacked } from './packed-code.ts';

export interface CodeKeeper {
  /** What was compiled of a script in an earlier run. V8 says whether it can use it. */
  kept(name: string): Buffer | undefined;
  /** Of scripts by name, beside what is kept of others. */
  keep(scripts: ReadonlyMap<string, Buffer>): void;
}

/** `$XDG_CACHE_HOME/sluice` or `~/.cache/sluice`; null where the user has none: nothing is written in the home of another. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string | null {
  const given = env.XDG_CACHE_HOME;
  try {
    const base = given && isAbsolute(given) ? given : join(homedir(), '.cache');
    return join(base, 'sluice');
  } catch {
    return null;
  }
}

/** `dir`: null keeps nothing. `build`: of the scripts; `command`: files are for one each. */
export function codeKeeper(dir: string | null, build: string, command: string): CodeKeeper {
  const isWord = /^[a-z-]{1,24}$/.test(command);
  if (dir === null || !isWord) return { kept: () => undefined, keep: () => {} };
  const path = join(dir, `${build}-${process.version}-${process.arch}-${command}`);
  const found = parts(path);
  return {
    kept: (name) => found.get(name),
    keep: (scripts) => {
      try {
        write(dir, path, new Map([...found, ...scripts]));
      } catch {
        // A full disk, a directory that may not be written to.
      }
    },
  };
}

function parts(path: string): ReadonlyMap<string, Buffer> {
  try {
    return unpacked(readMine(path));
  } catch {
    return new Map();
  }
}

function readMine(path: string): Buffer {
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

function write(dir: string, path: string, scripts: ReadonlyMap<string, Buffer>): void {
  const base = dirname(dir);
  made(base);
  if (!isMine(statSync(base))) return;
  made(dir);
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || !isMine(stat)) return;
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, packed(scripts), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  forgetOld(dir);
}

/** Not `recursive`: where a parent cannot be made, Node tries it for ever. */
function made(dir: string): void {
  if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
}

/** Nobody else writes there. Where there are no user numbers (Windows), everything is the user's own. */
const isMine = ({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);

/** What was longest not read. */
function forgetOld(dir: string): void {
  const all = readdirSync(dir).map((name) => ({ path: join(dir, name), at: lstatSync(join(dir, name)).mtimeMs }));
  for (const { path } of all.toSorted((a, b) => b.at - a.at).slice(limits.codeFiles)) rmSync(path, { force: true });
}
