// The line that a problem stands at, as it is shown below the place: bounded, with a mark under the column.
import { limits } from '../limits.ts';
import type { Excerpt, SourcePos } from './problem.ts';

/** Null where there is no such line, or nothing on it. */
export function excerptOf(text: string, { line, column }: Pick<SourcePos, 'line' | 'column'>): Excerpt | null {
  let from = 0;
  for (let at = 1; at < line; at++) {
    from = text.indexOf('\n', from) + 1;
    if (from === 0) return null;
  }
  const end = text.indexOf('\n', from);
  const whole = text.slice(from, end < 0 ? text.length : end).replace(/\r$/, '');
  if (whole.trim() === '' || whole.includes('\0') || column > whole.length + 1) return null;
  return cut(whole.replaceAll('\t', ' '), column);
}

/** With the place in view: a line of a megabyte is shown around it. */
function cut(line: string, column: number): Excerpt {
  const most = limits.excerptColumns;
  if (line.length <= most) return { text: line, column };
  const from = Math.max(0, Math.min(column - Math.floor(most / 2), line.length - most));
  const text = `${from > 0 ? '…' : ''}${line.slice(from, from + most)}${from + most < line.length ? '…' : ''}`;
  return { text, column: column - from + (from > 0 ? 1 : 0) };
}
