// Where lines are kept: per resource a ring in memory and, once that is full, a spill file; bounded over all resources.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../model/limits.ts';
import type { LogFilter, LogLine } from '../model/log.ts';
import type { Shelf } from './pieces.ts';
import { ring, sizeOf } from './ring.ts';
import type { Scrub } from './scrub/scrub.ts';
import { type SpillFile, spillFile } from './spill.ts';

interface Counted extends Shelf {
  lines: number;
  bytes: number;
}

export interface Shelves {
  add(line: LogLine): void;
  of(filter: LogFilter): readonly Shelf[];
  stats(resource: string): { readonly lines: number; readonly bytes: number };
  readonly first: number | null;
  clear(resource: string): void;
  /** Changes all texts, a few at a time; until then `isScrubbing` and readers change what they read themselves. */
  scrub(scrub: Scrub): void;
  readonly isScrubbing: boolean;
  close(): Promise<void>;
}

/** Hears once per resource that its older lines cannot be kept, and of null when they can again. */
type OnTrouble = (resource: string, error: Error | null) => void;

class BoundedShelves implements Shelves {
  private readonly dir: string | null;
  private readonly onTrouble: OnTrouble;
  private readonly makeDir: () => void;
  private readonly all = new Map<string, Counted>();
  private readonly closing = new Set<Promise<void>>();
  private readonly own = `${process.pid}-${randomUUID().slice(0, 8)}`;
  private names = 0;
  private total = 0;
  private scrubbing: NodeJS.Immediate | null = null;

  constructor(dir: string | null, onTrouble: OnTrouble, makeDir: () => void) {
    this.dir = dir;
    this.onTrouble = onTrouble;
    this.makeDir = makeDir;
  }

  add(line: LogLine): void {
    const shelf = this.all.get(line.resource) ?? this.make(line.resource);
    shelf.ring.push(line);
    shelf.lines++;
    shelf.bytes += line.text.length;
    this.total += sizeOf(line);
    this.moveOut(shelf, shelf.ring.overflow());
    if (this.total <= limits.logBytesTotal) return;
    const full = [...this.all.values()].reduce((a, b) => (b.ring.bytes > a.ring.bytes ? b : a));
    this.moveOut(full, full.ring.oldest());
  }

  of({ resources }: LogFilter): readonly Shelf[] {
    return resources ? resources.flatMap((name) => this.all.get(name) ?? []) : [...this.all.values()];
  }

  stats(resource: string): { readonly lines: number; readonly bytes: number } {
    const { lines, bytes } = this.all.get(resource) ?? { lines: 0, bytes: 0 };
    return { lines, bytes };
  }

  get first(): number | null {
    let first: number | null = null;
    for (const { ring } of this.all.values()) {
      const [line] = ring.lines;
      if (line && (first === null || line.seq < first)) first = line.seq;
    }
    return first;
  }

  clear(resource: string): void {
    const shelf = this.all.get(resource);
    if (!shelf) return;
    this.all.delete(resource);
    this.total -= shelf.ring.bytes;
    if (!shelf.spill) return;
    const closed: Promise<void> = shelf.spill.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }

  scrub(scrub: Scrub): void {
    for (const { ring, spill } of this.all.values()) {
      ring.replaceTexts(scrub);
      spill?.rewrite(scrub);
    }
    if (this.scrubbing === null) this.scrubSome();
  }

  get isScrubbing(): boolean {
    return this.scrubbing !== null;
  }

  async close(): Promise<void> {
    if (this.scrubbing) clearImmediate(this.scrubbing);
    await Promise.all([...this.closing, ...[...this.all.values()].map(({ spill }) => spill?.close())]);
    // Not ours alone where something else lies in it.
    if (this.dir !== null) await rmdir(this.dir).catch(() => {});
  }

  private make(resource: string): Counted {
    const shelf = { ring: ring(), spill: this.spillOf(resource), lines: 0, bytes: 0 };
    this.all.set(resource, shelf);
    return shelf;
  }

  private spillOf(resource: string): SpillFile | null {
    if (this.dir === null) return null;
    const path = join(this.dir, `${this.own}-${this.names++}`);
    return spillFile(path, (error) => this.onTrouble(resource, error), limits.spillBytes, this.makeDir);
  }

  private moveOut({ spill }: Shelf, lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    for (const line of lines) this.total -= sizeOf(line);
    spill?.append(lines);
  }

  private scrubSome(): void {
    const until = performance.now() + limits.searchSliceMs;
    for (const { ring } of this.all.values())
      while (ring.replaceSome())
        if (performance.now() > until) {
          this.scrubbing = setImmediate(() => this.scrubSome());
          return;
        }
    this.scrubbing = null;
    this.total = [...this.all.values()].reduce((sum, shelf) => sum + shelf.ring.bytes, 0);
  }
}

/** `makeDir` makes `dir` before each file in it is made. */
export const shelves = (
  dir: string | null,
  onTrouble: OnTrouble,
  makeDir: () => void = () => void mkdirSync(dir ?? '', { recursive: true, mode: 0o700 }),
): Shelves => new BoundedShelves(dir, onTrouble, makeDir);
