// The logs of a session: bytes in, lines out, read through windows. Nothing here enters the reducer.
import { Subject } from 'rxjs';
import { shortened } from '../model/cut.ts';
import { limits } from '../model/limits.ts';
import type { Drawn, LogLevel, LogLine, LogOrigin, LogStore, Secret } from '../model/log.ts';
import type { Problem } from '../model/problem.ts';
import { onlyColours, withoutColours } from './lines/ansi.ts';
import type { AssembledLine } from './lines/assembler.ts';
import { excerpt } from './lines/excerpt.ts';
import { levelOf } from './lines/level.ts';
import { streams } from './lines/streams.ts';
import { readMemory } from './memory.ts';
import { nothingHidden, type Scrub, scrubber } from './scrub/scrub.ts';
import { countPieces, readPieces, searchPieces } from './search.ts';
import { shelves } from './shelves.ts';

export interface LogStoreOptions {
  /** Where older lines are spilled to; null: memory only. */
  readonly dir: string | null;
  /** Makes it, before each file in it is made; by default 0700 with all above it. Throws where nothing may be written there. */
  readonly makeDir?: () => void;
  /** Hears that older lines are lost, and of null when they are kept again. */
  readonly onTrouble?: (problem: Problem | null) => void;
}

const newest = Number.MAX_SAFE_INTEGER;

/** Close it, or its spill files stay. */
export function createLogStore({ dir, makeDir, onTrouble }: LogStoreOptions): LogStore {
  const lines$ = new Subject<readonly LogLine[]>();
  const secrets = new Map<string, Secret>();
  let hiddenFromPrograms = 0;
  let scrub: Scrub = nothingHidden;
  /** For what is said by us. */
  let scrubOurs: Scrub = scrub;
  let seq = 0;
  let fresh: LogLine[] = [];
  const tell = (): void => {
    const lines = fresh;
    fresh = [];
    if (lines.length > 0) lines$.next(lines);
  };
  const add = (origin: LogOrigin, level: LogLevel, text: string, at: number): void => {
    // Written out: spreading the origin costs 5 µs a line.
    const { resource, source, pod, container, run } = origin;
    const line: LogLine = { resource, source, pod, container, run, seq: ++seq, at, level, text };
    shelf.add(line);
    // Told in the next turn: a reader never runs inside of a write, and a burst is one batch.
    if (fresh.push(line) === 1) setImmediate(tell);
  };
  const troubled = new Set<string>();
  const heard = (resource: string, error: Error | null): void => {
    const before = troubled.size;
    if (error) troubled.add(resource);
    else troubled.delete(resource);
    const what = error ? `older log lines cannot be kept: ${error.message}` : 'older log lines are kept again';
    add({ resource, source: 'engine' }, error ? 'warn' : 'info', error ? `S601: ${what}` : what, Date.now());
    if (error && before === 0)
      onTrouble?.({
        kind: 'step',
        code: 'S601',
        what,
        hint: `make room for ${dir}; until then memory keeps the newest`,
      });
    if (before > 0 && troubled.size === 0) onTrouble?.(null);
  };
  const shelf = shelves(dir, heard, makeDir);
  const drawn$ = new Subject<Drawn>();
  const textOf = (line: AssembledLine): string =>
    shortened(scrub(onlyColours(line.text)), limits.logLineBytes, line.cut);
  const incoming = streams({
    emit: (origin, line, at) => {
      const text = textOf(line);
      add(origin, origin.source === 'runtime' ? levelOf(withoutColours(text)) : 'info', text, at);
    },
    draw: (origin, line) => drawn$.next({ origin, text: withoutColours(textOf(line)) }),
  });
  const read: LogStore['read'] = (filter, from, count, direction) => {
    const window = readMemory(shelf.of(filter), filter, from, count, direction);
    if (!shelf.isScrubbing) return window;
    return { ...window, lines: window.lines.map((line) => ({ ...line, text: scrub(line.text) })) };
  };
  return {
    lines$: lines$.asObservable(),
    drawn$: drawn$.asObservable(),
    write: incoming.write,
    end: incoming.end,
    line: (origin, level, text, at) => {
      for (const each of text.split(/\r?\n/))
        add(origin, level, shortened(scrubOurs(onlyColours(each)), limits.logLineBytes), at);
    },
    tail: (filter, count) => read(filter, newest, count, 'back'),
    read,
    readAll: (filter, from, count, direction, stop) =>
      readPieces(shelf.of(filter), scrub, filter, from, count, direction, stop),
    search: (filter, from, direction, stop) => searchPieces(shelf.of(filter), scrub, filter, from, direction, stop),
    searchAll: (filter, most, stop) => countPieces(shelf.of(filter), scrub, filter, most, stop),
    tailText: (filter, count) => {
      const { lines } = read(filter, newest, limits.excerptLines, 'back');
      // What a step says has no level of its own: its text tells.
      return excerpt(
        lines.map(({ text, level, source }) => ({
          text: withoutColours(text),
          ...(source === 'build' ? {} : { level }),
        })),
        count,
      );
    },
    stats: shelf.stats,
    get range() {
      return { first: shelf.first ?? seq + 1, last: seq };
    },
    clear: shelf.clear,
    hide: (more) => {
      const before = secrets.size;
      for (const secret of more)
        if (secrets.size < limits.secrets)
          secrets.set(JSON.stringify([secret.name, secret.key, secret.value, !!secret.isOurs]), secret);
      if (secrets.size === before) return;
      const programs = [...secrets.values()].filter(({ isOurs }) => !isOurs);
      // A value that is both is called by the Secret that holds it.
      scrubOurs = scrubber([...programs, ...secrets.values()]);
      if (programs.length === hiddenFromPrograms) return;
      hiddenFromPrograms = programs.length;
      scrub = scrubber(programs);
      shelf.scrub(scrub);
      fresh = fresh.map((line) => ({ ...line, text: scrub(line.text) }));
    },
    scrub: (text) => scrubOurs(text),
    scrubOutput: (text) => scrub(text),
    get scrubber() {
      return scrubOurs;
    },
    close: async () => {
      incoming.close();
      tell();
      lines$.complete();
      drawn$.complete();
      await shelf.close();
    },
  };
}
