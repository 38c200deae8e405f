// Sets of files from the configuration: roots, and ignore rules in groups that each have a word of their own.
import { dirname, isAbsolute, relative } from 'node:path';
import type { FileSet } from '../../model/config.ts';
import { leavingOut, literal } from '../../model/fileset.ts';
import { type Place, withoutBraces } from './place.ts';

type Filters = FileSet['filters'];

export interface Ignoring {
  /** Directory of sluice.yaml: what rules of the configuration are relative to. */
  readonly dir: string;
  readonly rules: readonly (readonly string[])[];
  /** The configuration: no part of a program unless it is named itself. */
  readonly configuration: readonly string[];
}

/** Files and directories, some perhaps globs, without what the rules leave out. */
export function filesAt(named: readonly Place[], ignoring: Ignoring): FileSet {
  const places = [...named, ...linksOf(named)];
  const roots = [...new Set(places.map(({ real }) => real))];
  const isNamed = (path: string) =>
    places.some(({ glob, real, given }) => glob === null && [real, given].includes(path));
  const hidden = ignoring.configuration.some(isNamed) ? [] : hiding(ignoring.configuration, roots);
  const rules = ignoring.rules.flatMap((patterns) => ignored(ignoring.dir, patterns, places));
  return { roots, filters: [...chosen(places, roots), ...rules, ...hidden] };
}

/** Each link on the way as a file of its own. */
export const linksOf = (places: readonly Place[]): readonly Place[] =>
  [...new Set(places.flatMap(({ links }) => links))].map((real) => ({ given: real, real, links: [], glob: null }));

/** Of the roots with a glob below them, only what is named. Groups work together, so that each root lies in one alone. */
function chosen(places: readonly Place[], roots: readonly string[]): Filters {
  return [...byOutermost(places, new Set(roots))].flatMap(([base, inside]) => {
    if (inside.every(({ glob }) => glob === null)) return [];
    const patterns = inside.flatMap(({ real, glob }) => {
      const path = literal(below(base, real)!);
      if (glob === null) return [path === '' ? '!**' : `!${path}`];
      return withoutBraces(glob).map((each) => (path === '' ? `!${each}` : `!${path}/${each}`));
    });
    return [{ base, patterns: ['**', ...patterns] }];
  });
}

/** Each place with those that lie in the same outermost root. Thousands of them cost what their names are long. */
function byOutermost(places: readonly Place[], roots: ReadonlySet<string>): ReadonlyMap<string, readonly Place[]> {
  const found = new Map<string, Place[]>();
  for (const place of places) {
    let base = place.real;
    for (let dir = base; dir !== dirname(dir); dir = dirname(dir)) if (roots.has(dirname(dir))) base = dirname(dir);
    const inside = found.get(base) ?? [];
    inside.push(place);
    found.set(base, inside);
  }
  return found;
}

/** Rules go by the names that stand in the configuration, also where a link of that name leads elsewhere. */
export function ignored(dir: string, patterns: readonly string[], places: readonly Place[]): Filters {
  if (patterns.length === 0) return [];
  const moved = places.filter(({ given, real }) => given !== real && below(real, dir) === null);
  const kept = moved.flatMap(({ real }) => below(dir, real) ?? []).map((path) => `!${literal(path)}`);
  const named = moved.flatMap(({ given, real }) => {
    const at = below(dir, given);
    return at === null ? [] : [{ base: real, at, patterns }];
  });
  return [{ base: dir, patterns: [...patterns, ...kept] }, ...named];
}

/** Leaves out these files, where they lie below one of the roots. */
export const hiding = (files: readonly string[], roots: readonly string[]): Filters =>
  leavingOut(files.filter((file) => roots.some((root) => below(root, file) !== null)));

/** One filter for each group that says anything. */
export const filters = (base: string, groups: readonly (readonly string[])[]): Filters =>
  groups.filter((patterns) => patterns.length > 0).map((patterns) => ({ base, patterns }));

/** The part of a path below a directory, '' for itself, null for what lies elsewhere. */
export function below(dir: string, path: string): string | null {
  const rest = relative(dir, path);
  return rest === '..' || rest.startsWith('../') || isAbsolute(rest) ? null : rest;
}

/** What any of them takes. The rules of each are for its own files: those that overlap stay apart. */
export function union(sets: readonly FileSet[]): FileSet {
  const roots = [...new Set(sets.flatMap((set) => set.roots))];
  const areApart = sets.every((set, i) => sets.slice(i + 1).every((other) => !overlap(set, other)));
  return areApart && sets.every(({ parts }) => parts === undefined)
    ? { roots, filters: sets.flatMap(({ filters }) => filters) }
    : { roots, filters: [], parts: sets };
}

const overlap = (a: FileSet, b: FileSet): boolean =>
  a.roots.some((one) =>
    b.roots.some((other) => one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)),
  );
