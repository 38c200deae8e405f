// Chunks of one origin → whole lines. UTF-8 split between chunks is put together, `\r` progress folds to its last state.
import { StringDecoder } from 'node:string_decoder';
import { limits } from '../model/limits.ts';
import { folded, isDrawn } from './drawing.ts';

export interface Assembler {
  /** Whole lines that this chunk completes, uncleaned; at most `limits.logLineBytes + slack` characters each. */
  add(chunk: Uint8Array | string): readonly AssembledLine[];
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
  const append = (text: string): void => {
    const whole = partial + text;
    wasDrawn ||= whole.length > kept && isDrawn(whole);
    partial = whole.length > kept ? folded(whole) + (whole.endsWith('\r') ? '\r' : '') : whole;
    if (partial.length <= kept) return;
    cut += partial.length - kept;
    partial = partial.slice(0, kept);
  };
  const take = (): AssembledLine => {
    const line = { text: folded(partial), cut };
    partial = '';
    cut = 0;
    wasDrawn = false;
    return line;
  };
  return {
    get waits() {
      return partial !== '';
    },
    add: (chunk) => {
      const text = typeof chunk === 'string' ? decoder.end() + chunk : decoder.write(chunk as Buffer);
      const lines: AssembledLine[] = [];
      let from = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
        append(text.slice(from, end));
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
