// What stands in a container where files come: whoever owned a file owns the new one, and a new one is its directory's.
import type { PlaceEntry, TreeEntry } from '../../../model/ports.ts';
import type { Carried, SyncRequest } from './message.ts';

/** Whose shell writes: anyone but root gives files to itself, whatever an archive says. */
export interface Writer {
  readonly uid: number;
  readonly gid: number;
}

export type Owned =
  | { readonly is: 'fine'; readonly entries: readonly TreeEntry[] }
  /** The files would belong to somebody else than the build gave them to. */
  | { readonly is: 'foreign'; readonly because: string };

/** Paths in the container that a request has to know of before it puts anything there. */
export const placesOf = ({ dirs, entries }: SyncRequest): readonly string[] =>
  [...dirs, ...entries].map(({ path }) => `/${path}`);

/**
 * Directories that are missing, then files and links, each with the owner and mode that a build would leave: those of what
 * it takes the place of, save where the mode on disk is what changed; else what COPY gives it, or its own mode and the owner of its
 * directory.
 */
export function owned(
  request: SyncRequest,
  entryAt: (place: string) => PlaceEntry,
  writer: Writer,
  ownerOf: (owner: string) => Writer | null,
): Owned {
  const unlinked = new Set(request.unlinks);
  const isMissing = (place: string): boolean => unlinked.has(place) || entryAt(place).is !== 'dir';
  const dirs = request.dirs.filter(({ path, remode }) => remode || isMissing(`/${path}`));
  const all = [...dirs, ...request.entries];
  const unclear = all.flatMap((entry) => (isNew(entry, entryAt) ? (unclearIn(entry, ownerOf) ?? []) : []))[0];
  if (unclear !== undefined) return { is: 'foreign', because: unclear };
  const entries = all.map((entry) => withOwner(entry, entryAt(`/${entry.path}`), ownerOf));
  const foreign = entries.find(({ uid, gid }) => writer.uid !== 0 && (uid !== writer.uid || gid !== writer.gid));
  if (!foreign) return { is: 'fine', entries };
  const { path, uid, gid } = foreign;
  return {
    is: 'foreign',
    because: `/${path} belongs to ${uid}:${gid} and would become ${writer.uid}:${writer.gid}, whose shell writes it`,
  };
}

const isNew = ({ path }: Carried, entryAt: (place: string) => PlaceEntry): boolean =>
  entryAt(`/${path}`).is === 'nothing';

/** Named owners of what is new: their numbers stand in the container. */
export const ownersIn = (request: SyncRequest, entryAt: (place: string) => PlaceEntry): readonly string[] => {
  const fresh = [...request.dirs, ...request.entries].filter((entry) => isNew(entry, entryAt));
  const owners = fresh.flatMap(({ given }) => given?.owner ?? []);
  return [...new Set(owners)].filter((owner) => numbersOf(owner) === null);
};

/** An owner in numbers; a user alone is a group of the same number, as in a build. */
export function numbersOf(owner: string): Writer | null {
  const [, uid, gid = uid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(owner) ?? [];
  return uid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function unclearIn({ path, given }: Carried, ownerOf: (owner: string) => Writer | null): string | null {
  if (!given || given.unclear !== null) return given?.unclear ?? null;
  if (given.owner === null || numbersOf(given.owner) || ownerOf(given.owner)) return null;
  return `/${path} is new, and nobody here is called ${given.owner}, whom COPY gives it to`;
}

function withOwner(
  entry: Carried,
  { is, mode, uid, gid }: PlaceEntry,
  ownerOf: (owner: string) => Writer | null,
): TreeEntry & Writer {
  const { given } = entry;
  if (is === 'nothing' && given) {
    const owner = given.owner === null ? null : (numbersOf(given.owner) ?? ownerOf(given.owner));
    const own = entry.type === 'symlink' ? entry.mode : (given.mode ?? entry.mode);
    return { ...entry, mode: own, uid, gid, ...owner };
  }

  const keeps = is === (entry.type === 'dir' ? 'dir' : 'file') && !entry.remode && entry.type !== 'symlink';
  return { ...entry, mode: keeps ? mode : entry.mode, uid, gid };
}

/** One line for each place: `MODE UID GID` of stat, octal and decimal, or the line of `ls -ldnL`. Null for anything else. */
export function placeEntryOf(kind: string, line: string): PlaceEntry | null {
  const is = ({ d: 'dir', f: 'file', n: 'nothing' } as const)[kind];
  const found = /^([0-7]{1,5}) (\d{1,10}) (\d{1,10})$/.exec(line);
  if (is && found) return { is, mode: Number.parseInt(found[1]!, 8), uid: Number(found[2]), gid: Number(found[3]) };
  const listed = /^[-a-z]([-rwxsStT]{9})\S? +\d+ +(\d{1,10}) +(\d{1,10}) /.exec(line);
  return is && listed ? { is, mode: modeOf(listed[1]!), uid: Number(listed[2]), gid: Number(listed[3]) } : null;
}

/** `rwxr-sr-x` → 0o2755. */
function modeOf(text: string): number {
  let mode = 0;
  for (let i = 0; i < 9; i++) if (!'-ST'.includes(text[i]!)) mode |= 0o400 >> i;
  if ('sS'.includes(text[2]!)) mode |= 0o4000;
  if ('sS'.includes(text[5]!)) mode |= 0o2000;
  if ('tT'.includes(text[8]!)) mode |= 0o1000;
  return mode;
}
