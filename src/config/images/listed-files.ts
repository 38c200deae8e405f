// `deps` of an image that a command makes: files and directories, or a command that prints them.
import { limits } from '../../model/limits.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { type Loading, watched } from '../load-context.ts';
import { rendered } from '../manifests/readers/render.ts';
import type { RawImage } from '../schema/schema.ts';
import { placeOf } from '../values/place.ts';
import type { Path } from '../yaml/document.ts';

type Deps = NonNullable<RawImage>['deps'];

/** As they would be written in the configuration. Null where they are not to be had, which is told. */
export async function listedFiles(deps: Deps, path: Path, loading: Loading): Promise<readonly string[] | null> {
  if (deps === undefined || Array.isArray(deps)) return deps ?? null;
  const { dir, report } = loading;
  const at = [...path, 'command'];
  const cmd = deps.command;
  try {
    const text = await rendered({ cmd, name: 'the command that prints deps', at: report.at(at) }, loading);
    const printed = pathsIn(text);
    if (printed.length > limits.listedPaths) {
      report.add('S103', at, `the command printed more than ${limits.listedPaths} paths`, 'let it print directories');
      return null;
    }
    if (printed.length === 0)
      report.add('S103', at, 'the command printed no path', 'one in a line, or a list in JSON: try it by hand');
    // Without a word on when to list again, any of the files may bring in another one.
    for (const each of deps.deps ?? printed.map(plain)) {
      const place = await placeOf(dir, each, loading);
      if (place.glob === null) await watched(place.given, loading);
      else loading.reads.addGlob(place);
    }
    return printed.map(plain);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    report.put(error.problem);
    return null;
  }
}

/** One a line, or a list in JSON as Skaffold takes it. */
function pathsIn(text: string): readonly string[] {
  if (text.trimStart().startsWith('['))
    try {
      const value: unknown = JSON.parse(text);
      if (Array.isArray(value)) return value.filter((each): each is string => typeof each === 'string' && each !== '');
    } catch {
      // A path may begin so.
    }
  return [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter((line) => line !== '');
}

/** No sign of it is a pattern. */
const plain = (path: string): string => path.replace(/[\\*?[\]{}()!+@]/g, '\\$&');
