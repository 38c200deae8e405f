// Manifest files by glob.
import { join, relative } from 'node:path';
import picomatch from 'picomatch';
import { ProblemError, type SourcePos } from '../../../model/problems/problem.ts';
import { isDirectory, type Loading, readNamed, watched } from '../../load-context.ts';
import { plainName } from '../../reads.ts';
import { nearPath } from '../../values/near-path.ts';
import { type Place, placeOf, realPath, splitGlob, withoutBraces } from '../../values/place.ts';
import type { Objects } from '../objects.ts';

/** Rejects with a problem when nothing matches or a file cannot be read. */
export async function glob(pattern: string, at: SourcePos, loading: Loading): Promise<Objects> {
  const place = await placeOf(loading.dir, pattern, loading);
  const isGlob = place.glob !== null;
  const files = isGlob ? await matching(place, place.glob, loading) : [place.given];
  if (files.length === 0) throw missing(`no file matches ${pattern}`, await unmatchedHint(pattern, loading.dir), at);
  const read = await Promise.all(files.map((file) => objectsOf(file, pattern, at, loading)));
  return { objects: read.flatMap(({ objects }) => objects), problems: read.flatMap(({ problems }) => problems) };

  async function objectsOf(
    file: string,
    given: string,
    place: SourcePos,
    { dir, disk, manifests }: Loading,
  ): Promise<Objects> {
    const real = await watched(file, loading);
    if (!isGlob && (await isDirectory(disk, real)))
      throw missing(`${given} is a directory`, `write ${join(given, '*.yaml')}, or {kustomize: ${given}}`, place);
    const named = relative(dir, file);
    const text = await readNamed(loading, { dir, given: named, called: `the manifest ${named}` }, { isText: true });
    if (typeof text === 'string') return manifests.read(text, file);
    throw text.at ? new ProblemError(text) : missing(text.what, text.hint ?? 'name another file', place);
  }
}

/** The directory before the wildcard may be the one that is not there. */
async function unmatchedHint(pattern: string, dir: string): Promise<string> {
  const { base } = splitGlob(pattern);
  const near = await nearPath(dir, base);
  return near === null ? 'paths are relative to sluice.yaml' : `did you mean ${near}${pattern.slice(base.length)}?`;
}

/** Files by the names that the glob matches, in their order. */
async function matching({ given, real }: Place, pattern: string, loading: Loading): Promise<string[]> {
  const found = new Set<string>();
  for (const each of withoutBraces(pattern))
    await collect(real, '', each.split('/'), [], found, picomatch(each), loading);
  return [...found].map((name) => join(given, name)).sort();
}

/** `left` of the glob below `dir`, which the glob calls `name`. Links to directories lead on, as in a shell. */
async function collect(
  dir: string,
  name: string,
  left: readonly string[],
  above: readonly string[],
  found: Set<string>,
  isMatch: (name: string) => boolean,
  loading: Loading,
): Promise<void> {
  loading.reads.addGlob({ real: dir, glob: left.join('/') });
  const files = { roots: [dir], filters: [{ base: dir, patterns: ['**', ...wayTo(left)] }] };
  for (const { path, type, source } of await loading.disk.list(dir, files, loading.stop)) {
    const whole = name === '' ? path : `${name}/${path}`;
    const depth = path.split('/').length;
    if (type !== 'dir' && isMatch(whole)) found.add(whole);
    // `**` does not follow links: it would go round in circles.
    if (type !== 'symlink' || depth >= left.length || left.slice(0, depth).includes('**')) continue;
    const target = await realPath(source, loading);
    if (above.includes(target) || !(await isDirectory(loading.disk, target))) continue;
    await collect(target, whole, left.slice(depth), [...above, dir, target], found, isMatch, loading);
  }
}

/** Rules that let through what a glob matches and what leads there: `!a`, `a/**`, `!a/*`, `a/*\/**`, `!a/*\/b` for `a/*\/b`. */
function wayTo(names: readonly string[]): string[] {
  // The walk knows ignore rules only: it goes as deep as the glob does, and picomatch chooses among what it found.
  const plain = names.map(plainName);
  return plain.flatMap((_, i) => {
    const path = plain.slice(0, i + 1).join('/');
    return i < plain.length - 1 ? [`!${path}`, `${path}/**`] : [`!${path}`];
  });
}

const missing = (what: string, hint: string, at: SourcePos): ProblemError =>
  new ProblemError({ kind: 'yours', code: 'S120', what, hint, at });
