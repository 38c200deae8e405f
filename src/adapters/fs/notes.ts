// Small JSON values kept between sessions in <dir>/.sluice, which git ignores by a file of its own.
import { randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProblemError, ProblemError } from '../../model/problems/problem.ts';
import { makeFile, ownDirectory, readOwn } from './own-place.ts';

/** The directory itself, or one in it, made when missing. Throws a ProblemError S508 where it is a link. */
export function notesDir(dir: string, ...below: readonly string[]): string {
  const notes = ownDirectory(dir, '.sluice');
  try {
    makeFile(join(notes, '.gitignore'), '*\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return below.length > 0 ? ownDirectory(notes, ...below) : notes;
}

/** Of each note which file was read last, and what it says: one that is asked for each of many resources is read once. */
const said = new Map<string, { readonly file: string; readonly value: unknown }>();

/** Another one after each write, by whomever: `save` puts a new file there, and a hand leaves its time. Null where there is none. */
function fileAt(path: string): string | null {
  // Most resources have no note: an error would be made for each only to be dropped.
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join() : null;
}

/**
 * Null when missing or unreadable: notes only save time, everything can be found out again. The same value as long as the file
 * is the same: nobody changes it.
 */
export async function load(dir: string, name: string): Promise<unknown> {
  const path = join(dir, '.sluice', `${name}.json`);
  try {
    // Before it is read: one that is replaced meanwhile is another at the next look.
    const file = fileAt(path);
    if (file === null) {
      said.delete(path);
      return null;
    }
    const known = said.get(path);
    if (known?.file === file) return known.value;
    const text = readOwn(path);
    // What cannot be read just now may be the next time.
    if (text === null) return null;
    const value: unknown = JSON.parse(text);
    said.set(path, { file, value });
    return value;
  } catch {
    said.delete(path);
    return null;
  }
}

/** Whole or not at all, also when two sessions write at once: a file of its own, then a rename. */
export async function save(dir: string, name: string, value: unknown): Promise<void> {
  let temp = '';
  try {
    const notes = notesDir(dir);
    temp = join(notes, `${name}.${randomUUID()}.tmp`);
    await writeFile(temp, JSON.stringify(value), { flag: 'wx', mode: 0o600 });
    await rename(temp, join(notes, `${name}.json`));
  } catch (error) {
    if (temp !== '') await rm(temp, { force: true });
    if (isProblemError(error)) throw error;
    const what = `${join(dir, '.sluice')} cannot be written: ${(error as Error).message}`;
    throw new ProblemError({ kind: 'step', code: 'S505', what, hint: 'make the project directory writable' });
  }
}
