// An env file as Compose reads it: `export`, quotes, values over several lines, variables in what stands in no single quotes.
import type { Variables } from '../../expand.ts';
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

const start = /[ \t\r\n]*(?:export[ \t]+)?(?:#[^\n]*|([\w.[\]-]+)[ \t]*(?:([=:])[ \t]*|(?=\r?\n|$|#)))/y;

/** What is set already counts before what the file says, where it names variables. `isRaw`: values are what stands there. */
export function readEnvFile(text: string, variables: Variables, isRaw = false): EnvFile {
  const values: Record<string, string> = Object.create(null);
  const faults: EnvFault[] = [];
  const lineOf = (at: number): number => text.slice(0, at).split('\n').length;
  for (let at = 0; text.slice(at).trim() !== ''; ) {
    start.lastIndex = at;
    const found = start.exec(text);
    const begin = at + /^\s*/.exec(text.slice(at))![0].length;
    const end = lineEnd(text, begin);
    if (!found) {
      faults.push({ line: lineOf(begin), what: 'this line is no NAME=value', hint: 'a comment begins with #' });
      at = end;
      continue;
    }
    const [, name, separator] = found;
    at = start.lastIndex;
    if (name === undefined) continue;
    if (separator === undefined) {
      if (Object.hasOwn(variables, name)) values[name] = variables[name] ?? '';
      continue;
    }
    const value = isRaw
      ? { text: text.slice(at, lineEnd(text, at)), end: lineEnd(text, at), isLiteral: true }
      : valueAt(text, at);
    if (value === null) {
      faults.push({
        line: lineOf(at),
        what: `the value begins with ${text[at]}, which nothing closes`,
        hint: `write another ${text[at]} at its end`,
      });
      at = end;
      continue;
    }
    at = value.end;
    const to = {
      variables: { ...values, ...variables },
      fail: (what: string, hint: string) => void faults.push({ line: lineOf(at - 1), what, hint }),
      unset: () => {},
    };
    values[name] = value.isLiteral ? value.text : substitute(value.text, to);
  }
  return { values, faults };
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

function valueAt(text: string, at: number): Value | null {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const comment = /(?:^|[ \t])#/.exec(line);
    return { text: (comment ? line.slice(0, comment.index) : line).trim(), end, isLiteral: false };
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
