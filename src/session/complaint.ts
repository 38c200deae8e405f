// How an error is printed: what, where, what to do. Never a stack trace.
import type { Problem } from '../model/problem.ts';
import { place } from '../view/wording.ts';

export function complaint({ what, at, hint, logTail }: Problem): string {
  const lines = [`sluice: ${printable(what)}`];
  if (at) lines.push(`  at ${place(at)}`);
  for (const line of logTail ?? []) lines.push(`  | ${printable(line)}`);
  if (hint) lines.push(`  hint: ${printable(hint)}`);
  return `${lines.join('\n')}\n`;
}

/** Messages carry names and output of others: no control character of theirs reaches the terminal. */
export const printable = (text: string): string =>
  text.replace(/\r?\n/g, '\n  ').replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '');
