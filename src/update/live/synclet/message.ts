// What one container is asked to do in one update, and the lines that say so to the far side.
import type { TreeEntry } from '../../../model/ports.ts';
import { bytesOfName } from '../../../model/text/raw-name.ts';
import type { Given } from '../given-attributes.ts';

/** A file, link or directory on its way to the container. */
export interface Carried extends TreeEntry {
  /** Its mode on disk is what changed: the one in the container is not kept. */
  readonly remode?: boolean;
  /** What a build would give it, were it new; null or none: its own mode and the owner of its directory. */
  readonly given?: Given | null;
}

export interface SyncRequest {
  /** Links of the project's own that became directories: they go first. */
  readonly unlinks: readonly string[];
  /** Where a directory belongs: a file there goes first, and a link that leads to no directory. Outermost first. */
  readonly parents: readonly string[];
  /** Paths to remove, outermost first, then directories to remove where no file is left in them, deepest first. */
  readonly removes: readonly string[];
  readonly emptied: readonly string[];
  /** Directories that belong there: made where they are missing, outermost first. */
  readonly dirs: readonly Carried[];
  /** Files and links put there; `path` is the place in the container without the leading slash. */
  readonly entries: readonly Carried[];
  readonly runs: readonly string[];
  /** Container name whose supervised process is to be restarted. */
  readonly restart: string | null;
}

/** How the far side takes files: as a tar, one by one, or none come. */
export type Packing = 'tar' | 'cat' | 'none';

/** Nothing to do. */
export const isEmpty = (request: SyncRequest): boolean =>
  request.removes.length + request.emptied.length + request.entries.length + request.dirs.length === 0 &&
  request.runs.length === 0 &&
  request.restart === null;

/** Lines of the head, in the order in which they are carried out. */
export function requestLines(request: SyncRequest): readonly string[] {
  return [
    // First, so that nothing has happened yet where there is no supervisor.
    ...(request.restart === null ? [] : [`k ${request.restart}`]),
    ...request.unlinks.map((path) => `u ${escaped(path)}`),
    ...request.parents.map((path) => `p ${escaped(path)}`),
    ...request.removes.map((path) => `r ${escaped(path)}`),
    ...request.emptied.map((path) => `d ${escaped(path)}`),
    ...request.entries.map((entry) => `c ${escaped(`/${entry.path}`)}`),
    ...request.runs.map((cmd) => `x ${escaped(cmd)}`),
  ];
}

/** The line after which the files are sent and the request is carried out. */
export const goLine = (entries: readonly TreeEntry[], packing: Packing): string =>
  `go ${entries.length === 0 ? 'none' : packing}\n`;

/** Asks for the numbers of an owner by name; answered at once. */
export const whoLine = (owner: string): string => `who ${escaped(owner)}\n`;

/** Asks what stands at these places; `look` after them has them answered. */
export const lookLines = (places: readonly string[]): readonly string[] => places.map((path) => `s ${escaped(path)}`);

/** For `printf %b`: a line end or a backslash in a name must not become part of the protocol, and bytes may be no text. */
export const escaped = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f\\]|[\udc80-\udcff]/gu, (char) => {
    const [byte] = bytesOfName(char);
    return `\\0${byte!.toString(8).padStart(3, '0')}`;
  });
