// Bytes of a terminal as keys, pastes, mouse and answers. blessed's own reader takes a paste for keys and an escape
// sequence cut in two for its letters; this one keeps what is not finished.
import { StringDecoder } from 'node:string_decoder';

/** `a`, `A`, `enter`, `esc`, `ctrl+d`, `alt+x`, `shift+tab`, `f1`. */
export type Key = string;

export type InputEvent =
  | { readonly is: 'key'; readonly key: Key }
  | { readonly is: 'paste'; readonly text: string }
  | {
      readonly is: 'mouse';
      readonly what: 'press' | 'release' | 'up' | 'down';
      readonly button: number;
      readonly x: number;
      readonly y: number;
    }
  | { readonly is: 'background'; readonly light: boolean };

const named: Record<string, Key> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  Z: 'shift+tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
const numbered: Record<string, Key> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pgup',
  6: 'pgdown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};
const plainKeys: Record<string, Key> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  ' ': 'space',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b': 'esc',
  '\0': 'ctrl+space',
};

function modified(key: Key, modifier: string | undefined): Key {
  const bits = Number(modifier ?? 1) - 1;
  return `${bits & 4 ? 'ctrl+' : ''}${bits & 2 ? 'alt+' : ''}${bits & 1 ? 'shift+' : ''}${key}`;
}

export function keyOf(char: string): Key {
  const known = plainKeys[char];
  if (known) return known;
  if (char < ' ') return `ctrl+${String.fromCharCode(char.charCodeAt(0) + 96)}`;
  return char;
}

function mouse(parts: RegExpExecArray): InputEvent | null {
  const code = Number(parts[1]);
  if (code & 32) return null;
  const at = { button: code & 3, x: Number(parts[2]) - 1, y: Number(parts[3]) - 1 };
  if (code & 64) return { is: 'mouse', what: code & 1 ? 'down' : 'up', ...at };
  return { is: 'mouse', what: parts[4] === 'M' ? 'press' : 'release', ...at };
}

function background(parts: RegExpExecArray): InputEvent {
  const part = (i: number) => Number.parseInt(parts[i]!.slice(0, 2), 16);
  return { is: 'background', light: 0.3 * part(1) + 0.59 * part(2) + 0.11 * part(3) > 128 };
}

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';
/** A paste longer than this is cut: it can only end up in a search field. */
const pasteChars = 4_096;

const forms: readonly (readonly [RegExp, (parts: RegExpExecArray) => InputEvent | null])[] = [
  [/^\x1b\[<(\d+);(\d+);(\d+)([Mm])/, mouse],
  [/^\x1b\]11;rgb:([\da-fA-F]{2,4})\/([\da-fA-F]{2,4})\/([\da-fA-F]{2,4})(?:\x07|\x1b\\)/, background],
  [/^\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/, () => null],
  [/^\x1b\[\[([A-E])/, (parts) => ({ is: 'key', key: `f${parts[1]!.charCodeAt(0) - 64}` })],
  [
    /^\x1b\[(\d+)(?:;(\d+))?[~^$]/,
    (parts) => (numbered[parts[1]!] ? { is: 'key', key: modified(numbered[parts[1]!]!, parts[2]) } : null),
  ],
  [
    /^\x1b\[(?:1;(\d+))?([A-HPQRSZ])/,
    (parts) => (named[parts[2]!] ? { is: 'key', key: modified(named[parts[2]!]!, parts[1]) } : null),
  ],
  [/^\x1bO([A-DFHPQRS])/, (parts) => ({ is: 'key', key: named[parts[1]!]! })],
  [/^\x1b\[[ -?]*[@-~]/, () => null],
  [/^\x1b([^\x1b[\]O])/u, (parts) => ({ is: 'key', key: `alt+${keyOf(parts[1]!)}` })],
];

/** A sequence that may go on with the next read; a lone escape is settled by `flush`. */
const unfinished = /^\x1b(?:\[[ -?]*|\[\[|O|\][^\x07]*)?$/;

export interface InputReader {
  read(chunk: Uint8Array): InputEvent[];
  /** Nothing followed: what is left is what it looks like. */
  flush(): InputEvent[];
  readonly waiting: boolean;
}

class TerminalReader implements InputReader {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  get waiting(): boolean {
    return this.rest !== '';
  }

  read(chunk: Uint8Array): InputEvent[] {
    this.rest += this.decoder.write(Buffer.from(chunk));
    return this.drain();
  }

  flush(): InputEvent[] {
    const { rest } = this;
    if (rest === '' || rest.startsWith(pasteStart)) return [];
    this.rest = rest.startsWith('\x1b]') ? '' : rest.slice(1);
    return [{ is: 'key', key: 'esc' }, ...this.drain()];
  }

  private drain(): InputEvent[] {
    const events: InputEvent[] = [];
    while (this.rest !== '' && this.take(events));
    return events;
  }

  /** Takes one event off what is left; false when more must come. */
  private take(into: InputEvent[]): boolean {
    if (this.rest.startsWith(pasteStart)) return this.takePaste(into);
    if (this.rest[0] === '\x1b') return this.takeSequence(into);
    const char = String.fromCodePoint(this.rest.codePointAt(0)!);
    this.rest = this.rest.slice(char.length);
    into.push({ is: 'key', key: keyOf(char) });
    return true;
  }

  private takePaste(into: InputEvent[]): boolean {
    const { rest } = this;
    const end = rest.indexOf(pasteEnd);
    if (end < 0) {
      const most = pasteStart.length + pasteChars;
      if (rest.length > most + pasteEnd.length) this.rest = rest.slice(0, most) + rest.slice(1 - pasteEnd.length);
      return false;
    }
    into.push({ is: 'paste', text: rest.slice(pasteStart.length, end).slice(0, pasteChars) });
    this.rest = rest.slice(end + pasteEnd.length);
    return true;
  }

  private takeSequence(into: InputEvent[]): boolean {
    for (const [form, make] of forms) {
      const parts = form.exec(this.rest);
      if (!parts) continue;
      this.rest = this.rest.slice(parts[0].length);
      const event = make(parts);
      if (event) into.push(event);
      return true;
    }
    if (unfinished.test(this.rest)) return false;
    this.rest = this.rest.slice(1);
    into.push({ is: 'key', key: 'esc' });
    return true;
  }
}

export const inputReader = (): InputReader => new TerminalReader();
