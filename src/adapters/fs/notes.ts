// Small JSON values kept between sessions in <dir>/.sluice, which git ignores by a file of its own.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '../../model/problem.ts';

/** The directory itself, made when missing. */
export async function notesDir(dir: string): Promise<string> {
  const notes = join(dir, '.sluice');
  await mkdir(notes, { recursive: true });
  await writeFile(join(notes, '.gitignore'), '*\n', { flag: 'wx' }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return notes;
}

/** Null when missing or unreadable: notes only save time, everything can be found out again. */
export async function load(dir: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(dir, '.sluice', `${name}.json`), 'utf8'));
  } catch {
    return null;
  }
}

/** Whole or not at all, also when two sessions write at once: a file of its own, then a rename. */
export async function save(dir: string, name: string, value: unknown): Promise<void> {
  let temp = '';
  try {
    const notes = await notesDir(dir);
    temp = join(notes, `${name}.${randomUUID()}.tmp`);
    await writeFile(temp, JSON.stringify(value), { mode: 0o600 });
    await rename(temp, join(notes, `${name}.json`));
  } catch (error) {
    if (temp !== '') await rm(temp, { force: true });
    const what = `${join(dir, '.sluice')} cannot be written: ${(error as Error).message}`;
    throw new ProblemError({ kind: 'step', code: 'S505', what, hint: 'make the project directory writable' });
  }
}
