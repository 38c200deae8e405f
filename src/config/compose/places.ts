// Where a value of the finished project was written: in the last file that says it.
import type { SourcePos } from '../../model/problems/problem.ts';
import type { Path } from '../yaml/document.ts';
import { isMap } from './forms/forms.ts';
import type { Origin } from './layer.ts';
import type { Pieces } from './model.ts';

export type Places = (path: Path) => SourcePos;

export function placesIn(pieces: Pieces, first: SourcePos): Places {
  return ([section, name, ...rest]) => {
    const all = Object.hasOwn(pieces, String(section)) ? pieces[section as keyof Pieces] : undefined;
    const origins = all?.get(String(name))?.origins ?? [];
    for (const way of shorter(rest))
      for (const found of origins.map((origin) => foundIn(origin, way, origins))) if (found) return found;
    return first;
  };
}

const shorter = (path: Path): Path[] => path.map((_, i) => path.slice(0, path.length - i)).concat([[]]);

/** Null where this part of a file does not say it. Items of lists are counted through all files, the first file's first. */
function foundIn(origin: Origin, way: Path, origins: readonly Origin[]): SourcePos | null {
  let at: unknown = origin.value;
  const path = [...origin.path];
  for (const [i, key] of way.entries()) {
    if (Array.isArray(at)) {
      const index =
        typeof key === 'number'
          ? key - earlier(origin, way.slice(0, i), origins)
          : at.findIndex((each) => isNamed(each, key));
      if (index < 0 || index >= at.length) return null;
      at = at[index];
      path.push(index);
    } else if (isMap(at) && Object.hasOwn(at, key)) {
      at = at[key];
      path.push(key);
    } else return null;
  }
  return origin.source.at(path);
}

const isNamed = (item: unknown, key: string): boolean => String(item).split(/[=:]/)[0] === key;

function earlier(origin: Origin, way: Path, origins: readonly Origin[]): number {
  const before = origins.slice(origins.indexOf(origin) + 1);
  return before.reduce((sum, { value }) => {
    const at = way.reduce<unknown>(
      (inside, key) => (isMap(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
      value,
    );
    return sum + (Array.isArray(at) ? at.length : 0);
  }, 0);
}
