// Where a search's pattern matches, by the log store's own guarded matcher: a pattern that backtracks without end must
// not freeze a frame.
import { withoutColours } from '../../../logs/lines/ansi.ts';
import { bounded, joined, tameLength } from '../../../logs/pattern.ts';
import { patternOf } from '../../../logs/pieces.ts';
import type { LogLine } from '../../../model/log.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import { columnsOf } from '../paint/columns.ts';
import { columnsOfLine } from './sgr.ts';

type Hits = (text: string) => readonly { readonly index: number; readonly text: string }[];

const finders = new WeakMap<RegExp, Hits>();

/** Beyond the first hit a pattern may take longer than to the first. */
function finderOf(pattern: RegExp): Hits {
  const known = finders.get(pattern);
  if (known) return known;
  const all = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`);
  const find: Hits = (text) => Array.from(text.matchAll(all), (match) => ({ index: match.index, text: match[0] }));
  const [safely, tame] = [bounded(find, 'the search pattern'), tameLength(pattern.source)];
  const finder: Hits = (text) => (text.length <= tame ? find(text) : noneIfSlow(() => safely(text)));
  finders.set(pattern, finder);
  return finder;
}

function noneIfSlow<T>(find: () => readonly T[]): readonly T[] {
  try {
    return find();
  } catch (error) {
    if (isProblemError(error)) return [];
    throw error;
  }
}

/** Those of `lines` that match; none once the pattern has shown to be too slow. */
export function matchingLines(lines: readonly LogLine[], pattern: RegExp): readonly LogLine[] {
  const text = (): ReturnType<typeof joined> => joined(lines.map((line) => withoutColours(line.text)));
  return noneIfSlow(() =>
    patternOf(pattern)
      .matches(text())
      .map((i) => lines[i]!),
  );
}

/** Columns of a line that match. */
export function matchesIn(line: LogLine, pattern: RegExp): readonly (readonly [from: number, to: number])[] {
  const { chars } = columnsOfLine(line);
  const text = chars.join('');
  const found: (readonly [number, number])[] = [];
  for (const hit of finderOf(pattern)(text)) {
    if (hit.text === '') continue;
    const from = columnsOf(text.slice(0, hit.index)).length;
    found.push([from, from + columnsOf(hit.text).length]);
  }
  return found;
}
