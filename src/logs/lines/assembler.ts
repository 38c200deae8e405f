// Chunks of one origin → whole lines. UTF-8 split between chunks is put together, `\r` progress folds to its last state.
import { StringDecoder } from 'node:string_decoder';
import { limits } from '../../model/limits.ts';
import { charactersOf, cutAt } from '../../model/text/cut.ts';
import { folded, isDrawn, isRedrawn } from './progress-line.ts';

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

class LineAssembler implements Assembler {
  private readonly decoder = new StringDecoder('utf8');
  private partial = '';
  private cut = 0;
  private wasDrawn = false;
  /** What was cut last is the carriage return of a line end: no character of the line. */
  private isEnded = false;

  get waits(): boolean {
    return this.partial !== '';
  }

  add(chunk: Uint8Array | string, missing = 0): readonly AssembledLine[] {
    const { decoder } = this;
    const text = typeof chunk === 'string' ? decoder.end() + chunk : decoder.write(chunk as Buffer);
    const lines: AssembledLine[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.append(text.slice(from, end));
      this.cut += missing;
      lines.push(this.take());
      from = end + 1;
    }
    this.append(from === 0 ? text : text.slice(from));
    return lines;
  }

  drawn(): AssembledLine | null {
    return this.wasDrawn || isDrawn(this.partial) ? { text: folded(this.partial), cut: this.cut } : null;
  }

  flush(): AssembledLine | null {
    this.append(this.decoder.end());
    return this.partial === '' ? null : this.take();
  }

  private append(text: string): void {
    if (text === '') return;
    // The carriage return that was cut off: what comes takes the place of the line.
    if (this.isEnded && /[^\r]/.test(text)) {
      this.partial = '';
      this.cut = 0;
    }
    const whole = this.partial + text;
    if (whole.length <= kept && this.cut === 0) this.partial = whole;
    else this.bound(whole, text);
  }

  /** `whole`: what is there with `text` behind it, of which the part within the bound is kept. */
  private bound(whole: string, text: string): void {
    this.wasDrawn ||= isDrawn(whole);
    if (isRedrawn(whole)) this.cut = 0;
    // Behind what was left out nothing is shown.
    if (this.cut > 0) {
      this.leave(text);
      return;
    }
    const shown = isDrawn(whole) ? folded(whole) + (whole.endsWith('\r') ? '\r' : '') : whole;
    const at = cutAt(shown, kept);
    this.partial = shown.slice(0, at);
    this.leave(shown.slice(at));
  }

  private leave(rest: string): void {
    this.cut += charactersOf(rest);
    this.isEnded = rest.endsWith('\r');
  }

  private take(): AssembledLine {
    const { cut } = this;
    const line = { text: folded(this.partial), cut: this.isEnded && cut > 0 ? cut - 1 : cut };
    this.partial = '';
    this.cut = 0;
    this.wasDrawn = false;
    this.isEnded = false;
    return line;
  }
}

export const lineAssembler = (): Assembler => new LineAssembler();
