// What is still waited for, on one line.
import { limits } from '../../model/limits.ts';
import { printable } from '../end/complaint.ts';

/** Resource → for what. */
export type Waiting = Readonly<Record<string, string>>;

/** `web (deploy), db (Pending)`; the first of many. */
export function waitingText(waiting: Waiting): string {
  const all = Object.entries(waiting);
  const shown = all.slice(0, limits.waitingNamed).map(([name, text]) => `${printable(name)} (${printable(text)})`);
  return [...shown, ...(all.length > shown.length ? [`${all.length - shown.length} more`] : [])].join(', ');
}
