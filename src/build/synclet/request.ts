// What one container is asked to do in one update, and the lines that say so to the far side.
import type { TreeEntry } from '../../model/ports.ts';

export interface SyncRequest {
  /** Where a directory belongs: a file or link there goes first. Outermost first. */
  readonly parents: readonly string[];
  /** Paths to remove, outermost first, then directories to remove where no file is left in them, deepest first. */
  readonly removes: readonly string[];
  readonly emptied: readonly string[];
  /** Directories that came with a directory copied as a whole. */
  readonly dirs: readonly string[];
  /** Files and links put there; `path` is the place in the container without the leading slash. */
  readonly entries: readonly TreeEntry[];
  readonly runs: readonly string[];
  /** Container name whose supervised process is to be restarted. */
  readonly restart: string | null;
}

/** How the far side takes files: as a tar, one by one, or none come. */
export type Packing = 'tar' | 'cat' | 'none';

/** Nothing to do. */
export const isEmpty = (request: SyncRequest): boolean =>
  request.removes.length + request.entries.length + request.dirs.length + request.runs.length === 0 &&
  request.restart === null;

/** Lines of the head, in the order in which they are carried out. */
export function requestLines(request: SyncRequest): readonly string[] {
  return [
    // First, so that nothing has happened yet where there is no supervisor.
    ...(request.restart === null ? [] : [`k ${request.restart}`]),
    ...request.parents.map((path) => `p ${escaped(path)}`),
    ...request.removes.map((path) => `r ${escaped(path)}`),
    ...request.emptied.map((path) => `d ${escaped(path)}`),
    ...request.dirs.map((path) => `m ${escaped(path)}`),
    ...request.entries.map((entry) => `c ${escaped(`/${entry.path}`)}`),
    ...request.runs.map((cmd) => `x ${escaped(cmd)}`),
  ];
}

/** The line after which the files are sent and the request is carried out. */
export const goLine = ({ entries }: SyncRequest, packing: Packing): string =>
  `go ${entries.length === 0 ? 'none' : packing}\n`;

/** For `printf %b`: a line end or a backslash in a name must not become part of the protocol. */
export const escaped = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f\\]/g, (char) => `\\0${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
