// Whether the files that live rules name can ever change for them: they must be watched, and what a step waits for must go
// into the container, as any other change is a full build.
import { join, relative } from 'node:path';
import picomatch from 'picomatch';
import type { FileSet, LiveRule } from '../../model/config.ts';
import { matcher } from '../../model/fileset.ts';
import type { Loading } from '../load-context.ts';
import type { RawLiveRule } from '../schema/schema.ts';
import { type Place, placeOf, withoutBraces } from '../values/place.ts';
import type { Path } from '../yaml/document.ts';

export async function checkWatched(
  raw: readonly RawLiveRule[],
  path: Path,
  files: FileSet,
  loading: Loading,
): Promise<void> {
  const watched = matcher(files);
  const check = async (where: Path, what: string, given: string): Promise<void> => {
    const place = await placeOf(loading.dir, given, loading);
    const isThere = watched.has(place.real) || watched.mayDescend(place.real);
    if (isThere && (await mayMatch(place, files, loading))) return;
    loading.report.add(
      'S113',
      where,
      `${what} ${given} is not among the watched files of this image`,
      'it must lie below the context or deps, and not be ignored',
    );
  };
  for (const [i, each] of raw.entries()) {
    if (each.sync) await check([...path, i, 'sync', 'from'], 'sync.from', each.sync.from);
    for (const [j, given] of (each.fallback ?? []).entries())
      await check([...path, i, 'fallback', j], 'fallback', given);
    for (const [j, given] of (each.run?.when ?? []).entries())
      await check([...path, i, 'run', 'when', j], 'run.when', given);
  }
}

/** False where a file of such a name would be ignored, and none that is there is an exception. */
async function mayMatch({ real, glob }: Place, files: FileSet, { disk, stop }: Loading): Promise<boolean> {
  if (glob === null) return true;
  const watched = matcher(files);
  if (withoutBraces(glob).some((each) => watched.has(join(real, example(each))))) return true;
  const isMatch = picomatch(glob, { dot: true });
  const tops = files.roots.flatMap((root) => (isWithin(root, real) ? [root] : isWithin(real, root) ? [real] : []));
  const found = await Promise.all(
    tops.map(async (top) => {
      const entries = await disk.list(top, { ...files, roots: [top] }, stop);
      return entries.some(({ path }) => isMatch(relative(real, join(top, path))));
    }),
  );
  return found.includes(true);
}

/** A name that a pattern matches, as short as can be. */
const example = (glob: string): string =>
  glob
    .replace(/\*\*\//g, '')
    .replace(/\*\*?|\?/g, 'x')
    .replace(/\[!?(.)[^\]]*\]/g, '$1');

/** Told and no more: which files a step waits for is taken as it is written, and what it says is right as far as it goes. */
export async function checkReached(
  raw: readonly RawLiveRule[],
  rules: readonly LiveRule[],
  path: Path,
  loading: Loading,
): Promise<void> {
  const froms = rules.flatMap((rule) => (rule.is === 'sync' ? [rule.from] : []));
  for (const [i, { run }] of raw.entries())
    for (const [j, given] of (run?.when ?? []).entries()) {
      const where = [...path, i, 'run', 'when', j];
      const place = await placeOf(loading.dir, given, loading);
      if (froms.length === 0 || loading.report.has(where) || froms.some((from) => isCovered(place, from))) continue;
      const what = `run.when ${given} starts nothing: no sync rule covers it, so that a change there is a full build`;
      loading.report.warn('S113', where, what, `sync it as well: sync: {from: ${given}, to: …}`);
    }
}

function isCovered({ real, glob }: Place, from: string): boolean {
  if (isWithin(real, from)) return true;
  if (glob === null || glob.includes('**')) return isWithin(from, real);
  return withoutBraces(glob).some((each) => {
    const depth = each.split('/').length;
    const below = from.startsWith(`${real}/`) ? from.slice(real.length + 1).split('/') : [];
    // A rule for this very file, or for a directory that the pattern leads into.
    return (
      below.length > 0 &&
      below.length <= depth &&
      picomatch(each.split('/').slice(0, below.length).join('/'))(below.join('/'))
    );
  });
}

export const isWithin = (path: string, dir: string): boolean =>
  path === dir || path.startsWith(dir.endsWith('/') ? dir : `${dir}/`);
