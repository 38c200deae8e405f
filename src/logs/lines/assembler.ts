// Chunks of one origin → whole lines. UTF-8 split between chunks is put together, `\r` progress folds to its last state.
import { StringDecoder } from 'node:string_decoder';
import { charactersOf, cutAt } from '../../model/cut.ts';
import { limits } from '../../model/limits.ts';
import { folded, isDrawn, isRedrawn } from './drawing.ts';

export interface Assembler {
  /**
   * Whole lines that this chunk completes, uncleaned; at most `limits.logLineBytes + slack` code units each. `missing`: characters
   * that its source left out of the line that the chunk ends.
   */
  add(chunk: Uint8Array | string, missing?: number): readonly AssembledLine[];
  /** What waits for its end, or null; nothing waits afterwards. */
  flush(): AssembledLine | null;
  readonly waits: boolean;
  /** The line under way as a terminal would show it, where it is drawn over and over, else null. */
  drawn(): AssembledLine | null;
}

export interface AssembledLine {
  readonly text: string;
  /** Characters beyond the bound, not kept. */
  readonly cut: number;
}

/** Kept beyond the bound until secrets are replaced: one that stands across the cut must not show its first half. */
const slack = 4_096;
const kept = limits.logLineBytes + slack;

export function lineAssembler(): Assembler {
  const decoder = new StringDecoder('utf8');
  let partial = '';
  let cut = 0;
  let wasDrawn = false;
  /** What was cut last is the carriage return of a line end: no character of the line. */
  let isEnded = false;
  const leave = (rest: string): void => {
    cut += charactersOf(rest);
    isEnded = rest.endsWith('\r');
  };
  const append = (text: string): void => {
    if (text === '') return;
    // The carriage return that was cut off: what comes takes the place of the line.
    if (isEnded && /[^\r]/.test(text)) {
      partial = '';
      cut = 0;
    }
    const whole = partial + text;
    if (whole.length <= kept && cut === 0) {
      partial = whole;
      return;
    }
    wasDrawn ||= isDrawn(whole);
    if (isRedrawn(whole)) cut = 0;
    // Behind what was left out nothing is shown.
    if (cut > 0) {
      leave(text);
      return;
    }
    const shown = isDrawn(whole) ? folded(whole) + (whole.endsWith('\r') ? '\r' : '') : whole;
    const at = cutAt(shown, kept);
    partial = shown.slice(0, at);
    leave(shown.slice(at));
  };
  const take = (): AssembledLine => {
    const line = { text: folded(partial), cut: isEnded && cut > 0 ? cut - 1 : cut };
    partial = '';
    cut = 0;
    wasDrawn = false;
    isEnded = false;
    return line;
  };
  return {
    get waits() {
      return partial !== '';
    },
    add: (chunk, missing = 0) => {
      const text = typeof chunk === 'string' ? decoder.end() + chunk : decoder.write(chunk as Buffer);
      const lines: AssembledLine[] = [];
      let from = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
        append(text.slice(from, end));
        cut += missing;
        lines.push(take());
        from = end + 1;
      }
      append(from === 0 ? text : text.slice(from));
      return lines;
    },
    drawn: () => (wasDrawn || isDrawn(partial) ? { text: folded(partial), cut } : null),
    flush: () => {
      append(decoder.end());
      return partial === '' ? null : take();
    },
  };
}
