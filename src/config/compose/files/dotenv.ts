// An env file as Compose reads it: `export`, quotes, values over several lines, variables in what stands in no single quotes.
import type { Variables } from '../../environment/expand.ts';
import { substitute } from './substitute.ts';

export interface EnvFault {
  readonly line: number;
  readonly what: string;
  readonly hint: string;
}

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>;
  readonly faults: readonly EnvFault[];
}

/** Blank lines and comments, and the word `export`. */
const before = /(?:\s|#[^\n]*(?:\n|$))*(?:export\s+)?/y;
/** A name, and what ends it: `=` or `:` before its value, or the line. */
const naming = /((?:[\p{L}\p{N}_.[\]-]|[^\S\n])*)([=:\n]|$)/uy;

/** In the format `raw`: a value is what stands behind the first `=`, to the end of the line. */
export function readRawFile(text: string, variables: Variables): EnvFile {
  const values: Record<string, string> = Object.create(null);
  const faults: EnvFault[] = [];
  for (const [i, each] of text.split(/\r?\n/).entries()) {
    const line = each.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const name = at < 0 ? line : line.slice(0, at);
    if (name === '' || /[ \t]/.test(name))
      faults.push({ line: i + 1, what: 'this line is no NAME=value', hint: 'a comment begins with #' });
    else if (at >= 0) values[name] = line.slice(at + 1);
    else if (Object.hasOwn(variables, name)) values[name] = variables[name] ?? '';
  }
  return { values, faults };
}

/** Where the file names variables, what is set already counts before what it says itself, and that before what `earlier` files say. */
export function readEnvFile(text: string, variables: Variables, earlier: Variables = {}): EnvFile {
  const values: Record<string, string> = Object.create(null);
  const faults: EnvFault[] = [];
  const tell = (at: number, what: string, hint: string): void =>
    void faults.push({ line: text.slice(0, at).split('\n').length, what, hint });
  for (let at = startAt(text, 0); at < text.length; at = startAt(text, at)) {
    naming.lastIndex = at;
    const [, written = '', separator] = naming.exec(text) ?? [];
    // A last line that is but a name, and does not end, is a value of no name to Compose.
    const isValue = separator !== '\n';
    const name = separator === '' ? '' : written.trimEnd();
    if (separator === undefined || name.includes(' ')) {
      tell(at, 'this line is no NAME=value', 'a comment begins with #');
      at = lineEnd(text, at);
      continue;
    }
    const begin = separator === '' ? at : naming.lastIndex;
    if (!isValue) {
      if (Object.hasOwn(variables, name)) values[name] = variables[name] ?? '';
      at = begin;
      continue;
    }
    const value = valueAt(text, begin);
    if (value === null) {
      const quote = text.slice(begin).trimStart()[0];
      tell(begin, `the value begins with ${quote}, which nothing closes`, `write another ${quote} at its end`);
      at = lineEnd(text, begin);
      continue;
    }
    at = value.end;
    const fail = (what: string, hint: string): void => tell(value.end - 1, what, hint);
    const to = { variables: { ...earlier, ...values, ...variables }, fail, unset: () => {} };
    values[name] = value.isLiteral ? value.text : substitute(value.text, to);
  }
  return { values, faults };
}

function startAt(text: string, at: number): number {
  before.lastIndex = at;
  before.exec(text);
  return before.lastIndex;
}

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
};

interface Value {
  readonly text: string;
  readonly end: number;
  readonly isLiteral: boolean;
}

function valueAt(text: string, from: number): Value | null {
  const at = from + (/^[^\S\n]*/.exec(text.slice(from))?.[0].length ?? 0);
  const quote = text[at];
  if (quote !== '"' && quote !== "'") {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    // A blank and a # begin a comment; a tab does not, nor does the first # of all.
    return { text: (line.split(' #', 1)[0] as string).trim(), end, isLiteral: false };
  }
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === quote) {
      const inside = text.slice(at + 1, end);
      return {
        text: quote === "'" ? inside.replaceAll("\\'", "'") : unescaped(inside),
        end: end + 1,
        isLiteral: quote === "'",
      };
    }
  }
  return null;
}

const letters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', b: '\b', v: '\v', a: '\x07' };

/** `\$` stays one that is no variable's. */
const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (whole, letter: string) => {
    if (letter === '$') return '$$';
    if (letter === '"' || letter === '\\') return letter;
    return Object.hasOwn(letters, letter) ? (letters[letter] as string) : whole;
  });
