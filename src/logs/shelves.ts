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
import { spillFile } from './spill.ts';

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

/** `onTrouble` hears once per resource that its older lines cannot be kept, and of null when they can again. */
export function shelves(
  dir: string | null,
  onTrouble: (resource: string, error: Error | null) => void,
  makeDir: () => void = () => void mkdirSync(dir ?? '', { recursive: true, mode: 0o700 }),
): Shelves {
  const all = new Map<string, Counted>();
  const closing = new Set<Promise<void>>();
  let total = 0;
  let names = 0;
  const own = `${process.pid}-${randomUUID().slice(0, 8)}`;
  const make = (resource: string): Counted => {
    const trouble = (error: Error | null): void => onTrouble(resource, error);
    const spill = dir === null ? null : spillFile(join(dir, `${own}-${names++}`), trouble, limits.spillBytes, makeDir);
    const shelf = { ring: ring(), spill, lines: 0, bytes: 0 };
    all.set(resource, shelf);
    return shelf;
  };
  const moveOut = ({ spill }: Shelf, lines: readonly LogLine[]): void => {
    if (lines.length === 0) return;
    for (const line of lines) total -= sizeOf(line);
    spill?.append(lines);
  };
  const largest = (): Shelf => [...all.values()].reduce((a, b) => (b.ring.bytes > a.ring.bytes ? b : a));
  let scrubbing: NodeJS.Immediate | null = null;
  const scrubSome = (): void => {
    const until = performance.now() + limits.searchSliceMs;
    for (const { ring: each } of all.values())
      while (each.replaceSome())
        if (performance.now() > until) {
          scrubbing = setImmediate(scrubSome);
          return;
        }
    scrubbing = null;
    total = [...all.values()].reduce((sum, shelf) => sum + shelf.ring.bytes, 0);
  };
  return {
    add: (line) => {
      const shelf = all.get(line.resource) ?? make(line.resource);
      shelf.ring.push(line);
      shelf.lines++;
      shelf.bytes += line.text.length;
      total += sizeOf(line);
      moveOut(shelf, shelf.ring.overflow());
      if (total <= limits.logBytesTotal) return;
      const full = largest();
      moveOut(full, full.ring.oldest());
    },
    of: ({ resources }) => (resources ? resources.flatMap((name) => all.get(name) ?? []) : [...all.values()]),
    stats: (resource) => {
      const { lines, bytes } = all.get(resource) ?? { lines: 0, bytes: 0 };
      return { lines, bytes };
    },
    get first() {
      let first: number | null = null;
      for (const {
        ring: { lines },
      } of all.values())
        if (lines[0] && (first === null || lines[0].seq < first)) first = lines[0].seq;
      return first;
    },
    clear: (resource) => {
      const shelf = all.get(resource);
      if (!shelf) return;
      all.delete(resource);
      total -= shelf.ring.bytes;
      if (!shelf.spill) return;
      const closed: Promise<void> = shelf.spill.close().finally(() => closing.delete(closed));
      closing.add(closed);
    },
    scrub: (scrub) => {
      for (const { ring: each, spill } of all.values()) {
        each.replaceTexts(scrub);
        spill?.rewrite(scrub);
      }
      if (scrubbing === null) scrubSome();
    },
    get isScrubbing() {
      return scrubbing !== null;
    },
    close: async () => {
      if (scrubbing) clearImmediate(scrubbing);
      await Promise.all([...closing, ...[...all.values()].map(({ spill }) => spill?.close())]);
      // Not ours alone where something else lies in it.
      if (dir !== null) await rmdir(dir).catch(() => {});
    },
  };
}
