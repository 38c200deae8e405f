// What is another file in a context than at the last build, and where the copies of its Dockerfile have put it. Pure.
import type { HashedEntry } from '../../../model/ports.ts';
import { type Declined, declined } from '../../live/transport.ts';
import { hasWildcard, isNamed, isOdd, leadsOver, takesIn } from './pattern.ts';
import type { Tail, TailCopy } from './tail.ts';

export type Entries = ReadonlyMap<string, HashedEntry>;

export const byPath = (entries: readonly HashedEntry[]): Entries => new Map(entries.map((each) => [each.path, each]));

export const isSame = (one: HashedEntry, other: HashedEntry): boolean =>
  one.type === other.type &&
  one.hash === other.hash &&
  one.target === other.target &&
  (one.mode & 0o7777) === (other.mode & 0o7777);

/** Paths that only one of them has, or that are another thing in the other. */
export function differences(before: Entries, now: Entries): readonly string[] {
  const gone = [...before.keys()].filter((path) => !now.has(path));
  return [...gone, ...[...now].flatMap(([path, entry]) => (known(before.get(path), entry) ? [] : [path]))];
}

const known = (before: HashedEntry | undefined, now: HashedEntry): boolean =>
  before !== undefined && isSame(before, now);

/** Why one of these paths may be in what other instructions have made; null where none is. */
export function readElsewhere(paths: readonly string[], { readers }: Tail): string | null {
  for (const { keyword, line, sources } of readers)
    for (const path of paths)
      if (sources === null || sources.some((source) => takesIn(source, path)))
        return `${path} is read by ${keyword} at line ${line} of its Dockerfile, which is none of its last COPYs`;
  return null;
}

/** Why what a source names may be something else than its name says; null where it is plain. */
export function linkOnTheWay(tail: Tail, entries: Entries): string | null {
  const copies = tail.layers.flatMap(({ copy }) => (copy ? [copy.sources] : []));
  const sources = [...copies, ...tail.readers.map((reader) => reader.sources ?? [])].flat();
  for (const { path, type } of entries.values())
    if (type === 'symlink' && sources.some((source) => leadsOver(source, path)))
      return `${path} is a link that it copies`;
  return null;
}

/** What may stand in the layer of a copy, by its absolute path there, save for the directories that it copies the content of. */
export interface Placed {
  readonly is: 'placed';
  readonly at: ReadonlyMap<string, HashedEntry>;
}

/** `isFile`: of the layer that it made: where it does not say that its destination is a directory, that tells. */
export function placed(copy: TailCopy, entries: Entries, isFile: (path: string) => boolean): Placed | Declined {
  const places = new Map<string, HashedEntry>();
  const under = (name: string): string => `${copy.to === '/' ? '' : copy.to}/${name}`;
  let doubled: string | null = null;
  const put = (at: string, entry: HashedEntry): void => {
    const other = places.get(at);
    if (other && other !== entry && !(isDir(other) && isSame(other, entry))) doubled = at;
    places.set(at, entry);
  };
  for (const source of copy.sources) {
    if (isOdd(source)) return declined(`line ${copy.line} of its Dockerfile copies ${source.text}`);
    const roots = [...entries.values()].filter(({ path }) => isNamed(source, path));
    const isAll = source.segments.length === 0;
    if (roots.length === 0 && !isAll) return declined(`there is no ${source.text} to copy`);
    for (const { path, type } of isAll ? [{ path: '', type: 'dir' }] : roots)
      if (type === 'dir') {
        const above = path === '' ? '' : `${path}/`;
        for (const each of entries.values())
          if (each.path.startsWith(above)) put(under(each.path.slice(above.length)), each);
      } else {
        const name = under(path.slice(path.lastIndexOf('/') + 1));
        const isSingle = copy.sources.length === 1 && !hasWildcard(source);
        if (!copy.isInto && !isSingle) return declined(`line ${copy.line} of its Dockerfile copies files to a file`);
        put(copy.isInto || !isFile(copy.to) ? name : copy.to, entries.get(path)!);
      }
  }
  // Which of them comes last is the builder's to say.
  if (doubled !== null) return declined(`line ${copy.line} of its Dockerfile copies more than one file to ${doubled}`);
  return { is: 'placed', at: places };
}

export type Edit =
  | { readonly is: 'exchanged'; readonly path: string; readonly before: HashedEntry; readonly now: HashedEntry }
  | { readonly is: 'removed'; readonly path: string; readonly before: HashedEntry }
  | { readonly is: 'added'; readonly path: string; readonly now: HashedEntry };

export interface Edits {
  readonly is: 'edits';
  readonly all: readonly Edit[];
}

/** Declined for what is neither file nor directory, and for a mode that is made of the one in the context. */
export function editsOf(copy: TailCopy, { at: before }: Placed, { at: now }: Placed): Edits | Declined {
  const edits: Edit[] = [];
  for (const [path, old] of before) {
    const entry = now.get(path);
    if (entry && isSame(old, entry)) continue;
    if (!isPlain(old) || (entry && entry.type !== old.type)) return odd(old);
    if (entry && copy.mode === 'derived' && entry.mode !== old.mode) return derived(entry);
    edits.push(entry ? { is: 'exchanged', path, before: old, now: entry } : { is: 'removed', path, before: old });
  }
  for (const [path, entry] of now) {
    if (before.has(path)) continue;
    if (!isPlain(entry)) return odd(entry);
    if (copy.mode === 'derived') return derived(entry);
    edits.push({ is: 'added', path, now: entry });
  }
  return { is: 'edits', all: edits };
}

const isDir = ({ type }: HashedEntry): boolean => type === 'dir';

const isPlain = (entry: HashedEntry): boolean => entry.type === 'file' || isDir(entry);

/** Of a directory. */
export const isOfDir = (edit: Edit): boolean => isDir(edit.is === 'removed' ? edit.before : edit.now);

const odd = ({ path }: HashedEntry): Declined => declined(`${path} is no plain file`);

const derived = ({ path }: HashedEntry): Declined =>
  declined(`the mode of ${path} is made by --chmod of the one it had`);
