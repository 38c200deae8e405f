// What one container is asked to do in one update, and the lines that say so to the far side.
import type { TreeEntry } from '../../model/ports.ts';

export interface SyncRequest {
  /** Paths to remove, then directories to remove where they are empty (deepest first). */
  readonly removes: readonly string[];
  readonly emptied: readonly string[];
  /** Directories that must not be files or links, outermost first. */
  readonly parents: readonly string[];
  /** What is put there; `path` is the place in the container without the leading slash. */
  readonly entries: readonly TreeEntry[];
  readonly runs: readonly string[];
  /** Container name whose supervised process is to be restarted. */
  readonly restart: string | null;
}

/** How the far side takes files: as a tar, one by one, or none come. */
export type Packing = 'tar' | 'cat' | 'none';

/** The head of a request; the files follow in chunks. */
export function requestLines(request: SyncRequest, packing: Packing): string {
  const lines = [
    ...request.removes.map((path) => `r ${escaped(path)}`),
    ...request.emptied.map((path) => `d ${escaped(path)}`),
    ...request.parents.map((path) => `p ${escaped(path)}`),
    ...request.entries.flatMap((entry) => (entry.type === 'dir' ? [] : [`c ${escaped(`/${entry.path}`)}`])),
    ...request.runs.map((cmd) => `x ${escaped(cmd)}`),
    ...(request.restart === null ? [] : [`k ${request.restart}`]),
    `go ${request.entries.length === 0 ? 'none' : packing}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** For `printf %b`: a line end or a backslash in a name must not become part of the protocol. */
export const escaped = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f\\]/g, (char) => `\\0${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
