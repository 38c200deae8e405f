// What a path of the configuration means: only text that stands there is a pattern, and links lead to the real place.
import { resolve } from 'node:path';
import type { DiskPort, Followed } from '../../model/ports.ts';

export interface Place {
  /** As written, from the directory of sluice.yaml. */
  readonly given: string;
  /** The same after every link on the way. */
  readonly real: string;
  /** Those links: another target is another file. */
  readonly links: readonly string[];
  /** What follows from the first wildcard on, relative to it. */
  readonly glob: string | null;
}

interface Following {
  readonly disk: Pick<DiskPort, 'follow'>;
  readonly reads: { add(path: string): void };
}

/** Links on the way belong to the configuration. */
export async function placeOf(dir: string, text: string, following: Following): Promise<Place> {
  const { base, glob } = splitGlob(text);
  const given = resolve(dir, base);
  return { given, glob, ...(await followed(given, following)) };
}

export const placesOf = (dir: string, texts: readonly string[], following: Following): Promise<Place[]> =>
  Promise.all(texts.map((text) => placeOf(dir, text, following)));

export const realPath = async (path: string, following: Following): Promise<string> =>
  (await followed(path, following)).real;

export async function followed(path: string, { disk, reads }: Following): Promise<Followed> {
  const found = await disk.follow(path);
  for (const link of found.links) reads.add(link);
  return found;
}

const special = /\\.|[*?]|\[(?=.*\])|\{(?=[^{}]*(?:,|\.\.).*\})|[@!+](?=\(.*\))/gs;
const escaped = /\\([*?[\]{}()!+@\\])/g;

/** The directory before the first wildcard, and the rest. A name with parentheses or a lone bracket is a name, as in a shell. */
export function splitGlob(text: string): { readonly base: string; readonly glob: string | null } {
  const first = [...text.matchAll(special)].find(([found]) => !found.startsWith('\\'))?.index;
  if (first === undefined) return { base: text.replace(escaped, '$1'), glob: null };
  const slash = text.lastIndexOf('/', first);
  const base = slash < 0 ? '.' : text.slice(0, slash) || '/';
  return { base: base.replace(escaped, '$1'), glob: text.slice(slash + 1) };
}

/** `a.{b,c}` as `a.b` and `a.c`: ignore rules know no braces. What becomes too many stays as it is. */
export function withoutBraces(glob: string): readonly string[] {
  const all = [glob];
  for (let i = 0; i < all.length && all.length <= 256; ) {
    const found = /\{([^{},]*(?:,[^{},]*)+)\}/.exec(all[i]!);
    if (!found) i++;
    else {
      const [before, after] = [all[i]!.slice(0, found.index), all[i]!.slice(found.index + found[0].length)];
      all.splice(i, 1, ...found[1]!.split(',').map((each) => before + each + after));
    }
  }
  return all.length > 256 ? [glob] : [...new Set(all)];
}
