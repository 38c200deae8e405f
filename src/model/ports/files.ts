// What the engine may ask of files: watched ones, and the disk.
import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { FileSet } from '../config.ts';
import type { Problem } from '../problems/problem.ts';

export interface WatchTarget {
  /** `image:shop/web`, `local:codegen`, `config`. */
  readonly id: string;
  readonly files: FileSet;
  /** Directories themselves count too: made, removed, given another mode. */
  readonly dirs?: boolean;
  /** What links within it lead to belongs to it: a new one is a change of who takes links, too. */
  readonly followsLinks?: boolean;
  /** A link that comes to stand where a root of any target is, or on the way to one, is a change of this one. */
  readonly takesLinks?: boolean;
}

export interface WatchPlan {
  /** Project directory: its git directory is looked at for running operations. */
  readonly dir: string;
  readonly targets: readonly WatchTarget[];
}

export type WatchEvent =
  /** Everything of the plan is watched and indexed; `files` of them. Again after each new plan. */
  | { readonly is: 'ready'; readonly files: number; readonly ms: number }
  /** Raw: something happened to these paths. Not yet compared with what was there before: see `confirm`. */
  | { readonly is: 'raw'; readonly paths: readonly string[] }
  /** A git operation is running (index.lock, rebase, merge) or HEAD just moved; false when it is over. */
  | { readonly is: 'git'; readonly busy: boolean; readonly because: string }
  /** Events were lost (overflow, watcher died): the tree was compared with the index; differences came as `raw`. */
  | { readonly is: 'rescanned'; readonly because: string }
  /** Not all can be watched (limit of watches, mount without events): said once, polling from now on. */
  | { readonly is: 'problem'; readonly problem: Problem }
  /** What could not be watched is by now. */
  | { readonly is: 'mended' }
  /** Instead of `ready`: the project directory is not there. `ready` comes when it is back and all was looked at anew. */
  | { readonly is: 'away'; readonly dir: string };

/** How a path differs from what it was. */
export interface PathChange {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
  /** A directory itself was made, removed or given another mode. */
  readonly isDir?: true;
  /** Its permission bits changed, whatever else did. */
  readonly remoded?: true;
  /** A file, a link or a directory before, and now another of these. */
  readonly retyped?: true;
}

/** A path whose content or mode really differs from the index, with the targets it belongs to. */
export interface ConfirmedChange extends PathChange {
  readonly targets: readonly string[];
}

export interface FilesPort {
  /** Watches what the newest plan names. Completes when plan$ completes. */
  watch(plan$: Observable<WatchPlan>): Observable<WatchEvent>;
  /** Compares with the index by content hash and brings the index up to date; a touch confirms nothing. */
  confirm(paths: readonly string[]): Promise<readonly ConfirmedChange[]>;
  /** Resolves when every change on disk made before this call has been emitted as `raw`. */
  flush(): Promise<void>;
}

/** One entry of a build context or of a set of files to copy. `path` is relative with `/`. */
export interface TreeEntry {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  /** Absolute source on disk. */
  readonly source: string;
  readonly mode: number;
  /** Owner on the far side; root where there is none. */
  readonly uid?: number;
  readonly gid?: number;
  readonly size: number;
  readonly target?: string;
  /** Of a file. */
  readonly stamp?: ContentStamp;
}

/** What stands at a path of a container or image. */
export interface PlaceEntry {
  /** A link that leads to a directory is one; any other is nothing: a file that takes its place has no mode of before. */
  readonly is: 'file' | 'dir' | 'nothing';
  /** Permission bits. */
  readonly mode: number;
  /** Of what is there; where there is nothing, of the nearest directory above. */
  readonly uid: number;
  readonly gid: number;
}

/** What the kernel tells of a file's content without reading it. */
export interface ContentStamp {
  /** Another one where the content is another. */
  readonly identity: string;
  /** When it or its name was last changed, ms since the epoch. */
  readonly at: number;
}

export interface HashedEntry extends TreeEntry {
  /** sha256 hex of a file's content, of a link's target; empty for directories. */
  readonly hash: string;
}

export interface Followed {
  readonly real: string;
  /** Absolute paths of the links on the way, each once. */
  readonly links: readonly string[];
}

export interface DiskPort {
  /** Entries below `root` that belong to `files`, sorted by path. Vanishing files are left out. */
  list(root: string, files: FileSet, stop: AbortSignal): Promise<readonly TreeEntry[]>;
  /** The same with their content hashed (cached by inode, size, times), without what vanished. */
  hash(entries: readonly TreeEntry[], stop: AbortSignal): Promise<readonly HashedEntry[]>;
  /** A tar of them, streamed with back-pressure; mtime 0, uid and gid 0 unless given. `extra` files come first. */
  tar(
    entries: readonly TreeEntry[],
    options?: {
      prefix?: string;
      uid?: number;
      gid?: number;
      /** ms since the epoch. */
      mtime?: number;
      extra?: readonly { path: string; content: string; mode?: number }[];
    },
  ): Readable;
  /** The same as a file of its own, for who needs its size first. `drop` removes it. */
  tarFile(
    entries: readonly TreeEntry[],
    options: { mtime: number },
  ): Promise<{ readonly entry: TreeEntry; readonly drop: () => Promise<void> }>;
  /** What is in a file, in chunks. Fails when it vanished, or shrinks meanwhile. */
  read(entry: TreeEntry): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Rejects for what is no regular file (S507), or larger than `most` bytes; with `isText` also for what is not UTF-8 (S510). */
  readText(path: string, demands?: { readonly most?: number; readonly isText?: boolean }): Promise<string>;
  exists(path: string): Promise<boolean>;
  /** Permission bits of a directory; null where there is none, or a link. */
  dirMode(path: string): Promise<number | null>;
  /** Absolute paths of links among these files, a bounded number. */
  links(files: FileSet): Promise<readonly string[]>;
  /** Where an absolute path leads, over any number of links; what is missing is taken as it is named. */
  follow(path: string): Promise<Followed>;
  /** Small JSON values in <dir>/.sluice, written atomically (temp file + rename); null when missing or unreadable. */
  load(dir: string, name: string): Promise<unknown>;
  save(dir: string, name: string, value: unknown): Promise<void>;
}

/** What was made of something in this session or an earlier one. Where it is lost, it is made again. */
export interface KeptPort {
  /** Of this name: texts by key, none where there are none, or none that this user alone can have written. */
  load(name: string): ReadonlyMap<string, string>;
  /** In place of what was kept of this name. */
  save(name: string, texts: ReadonlyMap<string, string>): void;
}
