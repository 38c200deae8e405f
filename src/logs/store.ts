// The logs of a session: bytes in, lines out, read through windows. Nothing here enters the reducer.
import { Subject } from 'rxjs';
import { limits } from '../model/limits.ts';
import type { Drawn, LogStore } from '../model/log.ts';
import type { Problem } from '../model/problems/problem.ts';
import { shortened } from '../model/text/cut.ts';
import { Intake } from './intake.ts';
import { onlyColours, withoutColours } from './lines/ansi.ts';
import type { AssembledLine } from './lines/assembler.ts';
import { levelOf } from './lines/level.ts';
import { type Streams, streams } from './lines/streams.ts';
import { Hidden } from './scrub/hidden.ts';
import { shelves } from './shelves.ts';
import { reading } from './windows.ts';

export interface LogStoreOptions {
  /** Where older lines are spilled to; null: memory only. */
  readonly dir: string | null;
  /** Makes it, before each file in it is made; by default 0700 with all above it. Throws where nothing may be written there. */
  readonly makeDir?: () => void;
  /** Hears that older lines are lost, and of null when they are kept again. */
  readonly onTrouble?: (problem: Problem | null) => void;
}

/** Close it, or its spill files stay. */
export function createLogStore({ dir, makeDir, onTrouble }: LogStoreOptions): LogStore {
  const hidden = new Hidden();
  const kept = shelves(dir, (resource, error) => troubles.heard(resource, error), makeDir);
  const intake = new Intake(kept);
  const troubles = spillTroubles(intake, dir, onTrouble);
  const drawn$ = new Subject<Drawn>();
  const incoming = streamsInto(intake, hidden, drawn$);
  return {
    lines$: intake.lines$.asObservable(),
    drawn$: drawn$.asObservable(),
    write: (origin, chunk, at, missing) => incoming.write(origin, chunk, at, missing),
    end: (origin, at) => incoming.end(origin, at),
    line: (origin, level, text, at) => {
      for (const each of text.split(/\r?\n/))
        intake.add(origin, level, shortened(hidden.scrubOurs(onlyColours(each)), limits.logLineBytes), at);
    },
    ...reading(kept, hidden),
    stats: (resource) => kept.stats(resource),
    get range() {
      return { first: kept.first ?? intake.last + 1, last: intake.last };
    },
    clear: (resource) => kept.clear(resource),
    hide: (more) => {
      if (hidden.add(more)) intake.scrub(hidden.scrub);
    },
    scrub: (text) => hidden.scrubOurs(text),
    scrubOutput: (text) => hidden.scrub(text),
    get scrubber() {
      return hidden.scrubOurs;
    },
    close: async () => {
      incoming.close();
      intake.close();
      drawn$.complete();
      await kept.close();
    },
  };
}

/** What programs say, as lines: without their secrets, no longer than the bound, each with its level. */
function streamsInto(intake: Intake, hidden: Hidden, drawn$: Subject<Drawn>): Streams {
  const textOf = (line: AssembledLine): string =>
    shortened(hidden.scrub(onlyColours(line.text)), limits.logLineBytes, line.cut);
  return streams({
    emit: (origin, line, at) => {
      const text = textOf(line);
      intake.add(origin, origin.source === 'runtime' ? levelOf(withoutColours(text)) : 'info', text, at);
    },
    draw: (origin, line) => drawn$.next({ origin, text: withoutColours(textOf(line)) }),
  });
}

/** That older lines cannot be kept stands in the log of each resource it happens to; the session hears of the first and the last. */
function spillTroubles(intake: Intake, dir: string | null, onTrouble: LogStoreOptions['onTrouble']) {
  const troubled = new Set<string>();
  const hint = `make room for ${dir}; until then memory keeps the newest`;
  return {
    heard(resource: string, error: Error | null): void {
      const before = troubled.size;
      if (error) troubled.add(resource);
      else troubled.delete(resource);
      const what = error ? `older log lines cannot be kept: ${error.message}` : 'older log lines are kept again';
      const origin = { resource, source: 'engine' } as const;
      intake.add(origin, error ? 'warn' : 'info', error ? `S601: ${what}` : what, Date.now());
      if (error && before === 0) onTrouble?.({ kind: 'step', code: 'S601', what, hint });
      if (before > 0 && troubled.size === 0) onTrouble?.(null);
    },
  };
}
