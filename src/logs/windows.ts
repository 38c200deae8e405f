// Windows into what is kept: from memory at once, from the spill files in pieces.
import { limits } from '../model/limits.ts';
import type { LogStore } from '../model/log.ts';
import { withoutColours } from './lines/ansi.ts';
import { excerpt } from './lines/excerpt.ts';
import { readMemory } from './memory.ts';
import type { Hidden } from './scrub/hidden.ts';
import { countPieces, readPieces, searchPieces } from './search.ts';
import type { Shelves } from './shelves.ts';

const newest = Number.MAX_SAFE_INTEGER;

type Reading = Pick<LogStore, 'tail' | 'read' | 'readAll' | 'search' | 'searchAll' | 'tailText'>;

export function reading(shelves: Shelves, hidden: Hidden): Reading {
  const read: LogStore['read'] = (filter, from, count, direction) => {
    const window = readMemory(shelves.of(filter), filter, from, count, direction);
    if (!shelves.isScrubbing) return window;
    return { ...window, lines: window.lines.map((line) => ({ ...line, text: hidden.scrub(line.text) })) };
  };
  return {
    tail: (filter, count) => read(filter, newest, count, 'back'),
    read,
    readAll: (filter, from, count, direction, stop) =>
      readPieces(shelves.of(filter), hidden.scrub, filter, from, count, direction, stop),
    search: (filter, from, direction, stop) =>
      searchPieces(shelves.of(filter), hidden.scrub, filter, from, direction, stop),
    searchAll: (filter, most, stop) => countPieces(shelves.of(filter), hidden.scrub, filter, most, stop),
    tailText: (filter, count) => {
      const { lines } = read(filter, newest, limits.excerptLines, 'back');
      // What a step says has no level of its own: its text tells.
      const said = lines.map(({ text, level, source }) => ({
        text: withoutColours(text),
        ...(source === 'build' ? {} : { level }),
      }));
      return excerpt(said, count);
    },
  };
}
