// How an error is printed: what, where, what to do. Never a stack trace.
import type { Excerpt, Problem } from '../../model/problems/problem.ts';
import { withSpelledFormat } from '../../model/text/invisible.ts';
import { place } from '../../view/wording.ts';

export function complaint({ what, at, excerpt, hint, logTail }: Problem): string {
  const lines = [`sluice: ${printable(what)}`];
  if (at) lines.push(`  at ${printable(place(at))}`);
  if (at && excerpt) lines.push(...shownLine(at.line, excerpt));
  for (const line of logTail ?? []) lines.push(`  | ${printable(line)}`);
  if (hint) lines.push(`  hint: ${printable(hint)}`);
  return `${lines.join('\n')}\n`;
}

/** The line as it stands in the file, and a mark under the place. */
function shownLine(line: number, { text, column }: Excerpt): readonly [string, string] {
  const number = `  ${line} | `;
  return [
    `${number}${printable(text)}`,
    `${' '.repeat(number.length - 2)}| ${' '.repeat(printable(text.slice(0, column - 1)).length)}^`,
  ];
}

/** Messages carry names and output of others: no control character of theirs reaches the terminal, and what cannot be seen is spelled. */
export const printable = (text: string): string =>
  withSpelledFormat(text.replace(/\r?\n/g, '\n  ').replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, ''));
