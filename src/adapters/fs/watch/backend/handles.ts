// One open handle per directory, found by what is above: a tree that goes costs what is in it, not all that is watched.
import { dirname } from 'node:path';

export interface Handle {
  readonly watcher: { close(): void };
  readonly ino: number;
}

export class Handles {
  private readonly open = new Map<string, Handle>();
  /** Directories with a handle at or below them, by the one that they are in. */
  private readonly below = new Map<string, Set<string>>();

  get(dir: string): Handle | undefined {
    return this.open.get(dir);
  }

  has(dir: string): boolean {
    return this.open.has(dir);
  }

  set(dir: string, handle: Handle): void {
    this.open.set(dir, handle);
    for (let path = dir, parent = dirname(path); parent !== path; path = parent, parent = dirname(path)) {
      const siblings = this.below.get(parent);
      if (siblings?.has(path)) return;
      if (siblings) siblings.add(path);
      else this.below.set(parent, new Set([path]));
    }
  }

  /** Closes that of `dir` alone. */
  close(dir: string): void {
    this.open.get(dir)?.watcher.close();
    this.open.delete(dir);
  }

  /** Closes those at and below `dir`. */
  closeTree(dir: string): void {
    for (const pending = [dir]; pending.length > 0; ) {
      const path = pending.pop()!;
      this.close(path);
      const inside = this.below.get(path);
      this.below.delete(path);
      if (inside) for (const child of inside) pending.push(child);
    }
    this.below.get(dirname(dir))?.delete(dir);
  }
}
