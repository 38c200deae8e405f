// Where the socket of a project is: one per configuration file, readable by its owner alone, no TCP port.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { limits } from '../model/limits.ts';
import { ProblemError } from '../model/problem.ts';

/** `$XDG_RUNTIME_DIR/sluice/<hash>.sock`, else below a directory of the user's own in the temp directory. */
export function socketPath(file: string, env: Readonly<Record<string, string | undefined>>): string {
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 16);
  const own = join(tmpdir(), `sluice-${userInfo().uid}`, `${hash}.sock`);
  const given = env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'sluice', `${hash}.sock`) : own;
  // A longer one would be cut off without a word.
  return Buffer.byteLength(given) > limits.socketPathBytes ? own : given;
}

/** Makes the directory, 0700; refuses one in the shared temp directory that belongs to somebody else. */
export function ownDirectory(path: string): void {
  const dir = dirname(path);
  // Not `recursive`: where a parent cannot be made, Node tries it for ever.
  if (!existsSync(dirname(dir))) mkdirSync(dirname(dir), { mode: 0o700 });
  if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
  const { uid, mode } = statSync(dir);
  const mine = userInfo().uid;
  if (mine < 0 || (uid === mine && (mode & 0o022) === 0)) return;
  throw new ProblemError({
    kind: 'denied',
    code: 'S620',
    what: `${dir} is not private to you: no socket is opened there`,
    hint: 'set XDG_RUNTIME_DIR to a directory of your own, or remove that one',
  });
}
