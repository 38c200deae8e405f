// What every watched directory held when it was last looked at: the memory that tells a change from a mere event.
import { dirname, join } from 'node:path';
import type { Entry } from '../content.ts';

export interface IndexedDir {
  ino: number;
  /** Permission bits and type as they were last told; null while the directory itself was not told of. */
  mode: number | null;
  readonly files: Map<string, Entry>;
  readonly dirs: Set<string>;
}

export class FileIndex {
  readonly dirs = new Map<string, IndexedDir>();
  files = 0;

  get(path: string): Entry | undefined {
    return this.dirs.get(dirname(path))?.files.get(nameOf(path));
  }

  set(path: string, entry: Entry): void {
    const { files } = this.dir(dirname(path));
    if (!files.has(nameOf(path))) this.files++;
    files.set(nameOf(path), entry);
  }

  delete(path: string): void {
    if (this.dirs.get(dirname(path))?.files.delete(nameOf(path))) this.files--;
  }

  /** The directory's record, made when missing and known to its parent. */
  dir(path: string): IndexedDir {
    let found = this.dirs.get(path);
    if (!found) {
      found = { ino: 0, mode: null, files: new Map(), dirs: new Set() };
      this.dirs.set(path, found);
      this.dirs.get(dirname(path))?.dirs.add(nameOf(path));
    }
    return found;
  }

  /** Every indexed file below a directory, and each directory that was told of, itself included. */
  *below(dir: string): Generator<string> {
    const found = this.dirs.get(dir);
    if (!found) return;
    if (found.mode !== null) yield dir;
    for (const name of found.files.keys()) yield join(dir, name);
    for (const name of found.dirs) yield* this.below(join(dir, name));
  }

  /** Forgets directories that are gone, once they and the last of their files were confirmed as removed. */
  prune(dir: string, exists: (dir: string) => boolean): void {
    for (let at = dir; at !== dirname(at); at = dirname(at)) {
      const found = this.dirs.get(at);
      if (!found || found.mode !== null || found.files.size > 0 || found.dirs.size > 0 || exists(at)) return;
      this.dirs.delete(at);
      this.dirs.get(dirname(at))?.dirs.delete(nameOf(at));
    }
  }

  /** Forgets a directory that is gone, and those below it, where nothing of them has to be told any more. */
  forget(dir: string): void {
    const found = this.dirs.get(dir);
    if (!found) return;
    for (const name of [...found.dirs]) this.forget(join(dir, name));
    if (found.mode !== null || found.files.size > 0 || found.dirs.size > 0) return;
    this.dirs.delete(dir);
    this.dirs.get(dirname(dir))?.dirs.delete(nameOf(dir));
  }

  toSnapshot(): SharedArrayBuffer {
    const text = JSON.stringify([...this.dirs].map(([dir, { ino, mode, files }]) => [dir, ino, mode, [...files]]));
    const bytes = new TextEncoder().encode(text);
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    return shared;
  }

  /** From the index of a worker that died; one older than the truth only makes a change be told twice. */
  static from(snapshot: SharedArrayBuffer): FileIndex {
    const index = new FileIndex();
    const text = new TextDecoder().decode(new Uint8Array(snapshot).slice());
    type Row = [dir: string, ino: number, mode: number | null, files: [string, Entry][]];
    for (const [dir, ino, mode, files] of JSON.parse(text) as Row[]) {
      Object.assign(index.dir(dir), { ino, mode });
      for (const [name, entry] of files) index.set(join(dir, name), entry);
    }
    return index;
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
