// A path that is not there, and the nearest one that is.
import { access, readdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { limits } from '../../model/limits.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { nearest } from '../../model/text/nearest.ts';

/** The path as it should have been written below `dir`; null where nothing of a like name is there. */
export async function nearPath(dir: string, given: string): Promise<string | null> {
  const parts = given.split('/');
  let at = isAbsolute(given) ? '/' : dir;
  for (const [i, part] of parts.entries()) {
    const names = await readdir(at).catch((): string[] => []);
    if (['', '.', '..'].includes(part) || names.includes(part)) {
      at = join(at, part);
      continue;
    }
    const near = nearest(part, names.slice(0, limits.namesCompared));
    if (near === null) return null;
    const meant = parts.with(i, near).join('/');
    const isThere = await access(resolve(dir, meant)).then(
      () => true,
      () => false,
    );
    return isThere ? meant : null;
  }
  return null;
}

/** For a hint: the nearest path, else `otherwise`. */
export async function pathHint(dir: string, given: string, otherwise: string): Promise<string> {
  const near = await nearPath(dir, given);
  return near === null ? otherwise : `did you mean ${near}?`;
}

/** Why a program could do nothing: `the chart ./charts/bd does not exist`, with the nearest that does. */
export async function missing(
  what: string,
  given: string,
  at: SourcePos,
  { dir }: { readonly dir: string },
): Promise<{ readonly why: string; readonly hint: string; readonly at: SourcePos }> {
  const hint = await pathHint(dir, given, 'paths are relative to sluice.yaml');
  return { why: `${what} ${given} does not exist`, hint, at };
}
