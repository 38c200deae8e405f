// Text of daemons, registries and build steps made fit to be shown: no control sequences, bounded.
import { stripVTControlCharacters } from 'node:util';
import { shortened } from '../../model/text/cut.ts';

const shownChars = 2_000;

/** One line without control characters, at most 2,000 characters. */
export function plain(text: string): string {
  const line = stripVTControlCharacters(text)
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim();
  return shortened(line, shownChars);
}

/** Keeps the last `count` whole lines of what is written to it, stripped of control sequences. */
export class LineTail {
  private rest = '';
  private kept: string[] = [];
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  write(text: string): void {
    const parts = (this.rest + text).split(/\r?\n/);
    this.rest = (parts.pop() ?? '').slice(-shownChars);
    // `\r` rewrites the line (progress bars): only its last state is worth keeping.
    for (const part of parts) this.kept.push(plain(part.slice(part.lastIndexOf('\r') + 1)));
    if (this.kept.length > this.count) this.kept = this.kept.slice(-this.count);
  }

  lines(): string[] {
    const last = plain(this.rest);
    return [...this.kept, ...(last ? [last] : [])].slice(-this.count);
  }
}
