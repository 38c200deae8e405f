// Where a search's pattern matches, by the log store's own guarded matcher: a pattern that backtracks without end must
// not freeze a frame.
import { withoutColours } from '../../logs/ansi.ts';
import { joined, type LinePattern, linePattern } from '../../logs/pattern.ts';
import type { LogLine } from '../../model/log.ts';
import { isProblemError } from '../../model/problem.ts';
import { columnsOf } from './columns.ts';
import { columnsOfLine } from './sgr.ts';

const matchers = new WeakMap<RegExp, LinePattern>();

function matcherOf(pattern: RegExp): LinePattern {
  const known = matchers.get(pattern) ?? linePattern(pattern);
  matchers.set(pattern, known);
  return known;
}

/** Those of `lines` that match; none once the pattern has shown to be too slow. */
export function matchingLines(lines: readonly LogLine[], pattern: RegExp): readonly LogLine[] {
  try {
    return matcherOf(pattern)
      .matches(joined(lines.map((line) => withoutColours(line.text))))
      .map((i) => lines[i]!);
  } catch (error) {
    if (isProblemError(error)) return [];
    throw error;
  }
}

/** Columns of a line that match. */
export function matchesIn(line: LogLine, pattern: RegExp): readonly (readonly [from: number, to: number])[] {
  const { chars } = columnsOfLine(line);
  const text = chars.join('');
  const found: (readonly [number, number])[] = [];
  for (const match of text.matchAll(new RegExp(pattern.source, `${pattern.flags}g`))) {
    if (match[0] === '') continue;
    const from = columnsOf(text.slice(0, match.index)).length;
    found.push([from, from + columnsOf(match[0]).length]);
  }
  return found;
}
