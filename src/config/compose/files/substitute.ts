// `$V`, `${V}` and the operators of Compose in one text: `:-` and `-` for what stands in for it, `:?` and `?` for what must be there,
// `:+` and `+` for what stands where it is. They nest. `$$` is `$`, and so is a $ that neither a name nor a brace follows: `awk '{print
// $1}'` is left alone.
import { lookup } from '../../../model/text/lookup.ts';
import type { Variables } from '../../environment/expand.ts';

export interface Substituting {
  readonly variables: Variables;
  /** The text cannot be used. */
  fail(what: string, hint: string): void;
  /** It has no value: an empty text stands for it. */
  unset(name: string): void;
}

/** Defaults within defaults that are followed; people write two. */
const deepest = 16;

export function substitute(text: string, to: Substituting, depth = 0): string {
  if (!text.includes('$')) return text;
  if (depth > deepest) {
    to.fail('its defaults stand in each other too deeply', 'name a variable instead');
    return text;
  }
  let result = '';
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('$', at);
    if (next < 0) return result + text.slice(at);
    result += text.slice(at, next);
    const found = variableAt(text, next);
    if (found === null) {
      to.fail(`what follows $ in ${shown(text)} names no variable`, 'write $$ for a $ of its own');
      return text;
    }
    result += found.name === '' ? '$' : textOf(found, to, depth + 1);
    at = found.end;
  }
  return result;
}

interface Found {
  /** Empty for a $ of its own. */
  readonly name: string;
  readonly operator: string;
  readonly rest: string;
  readonly end: number;
}

// ſ and K (of Kelvin) are an s and a k to a pattern of Go in which small and large letters are alike.
const plain = /\$(?:\$|([A-Za-z_ſ\u212A][A-Za-z0-9_ſ\u212A]*)|(?!\{))/y;
const braced = /\$\{([A-Za-z_ſ\u212A][A-Za-z0-9_ſ\u212A]*)(:?[-?+]|(?=\}))/y;

function variableAt(text: string, from: number): Found | null {
  plain.lastIndex = from;
  const short = plain.exec(text);
  if (short) return { name: short[1] ?? '', operator: '', rest: '', end: plain.lastIndex };
  braced.lastIndex = from;
  const [, name, operator] = braced.exec(text) ?? [];
  if (name === undefined) return null;
  const start = braced.lastIndex;
  const end = closing(text, start);
  return end < 0 ? null : { name, operator: operator ?? '', rest: text.slice(start, end), end: end + 1 };
}

/**
 * Of the brace that closes what is open at `from`, on the same line; -1 for none. As Compose counts them: what follows a { opens and closes
 * nothing, and where they do not balance it is the last there is.
 */
function closing(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  const end = newline < 0 ? text.length : newline;
  for (let at = from, depth = 1; at < end; at++) {
    if (text[at] === '}' && --depth === 0) return at;
    if (text[at] === '{') {
      depth++;
      at++;
    }
  }
  const last = text.lastIndexOf('}', end - 1);
  return last < from ? -1 : last;
}

function textOf({ name, operator, rest }: Found, to: Substituting, depth: number): string {
  const value = lookup(to.variables, name);
  const isThere = value !== undefined && !(operator.startsWith(':') && value === '');
  switch (operator.at(-1)) {
    case '-':
      return isThere ? value : substitute(rest, to, depth);
    case '+':
      return isThere ? substitute(rest, to, depth) : '';
    case '?':
      if (isThere) return value;
      to.fail(
        `the variable ${name} must be set${rest ? `: ${substitute(rest, to, depth)}` : ''}`,
        `set ${name}, or write it in .env`,
      );
      return '';
    default:
      if (value === undefined) to.unset(name);
      return value ?? '';
  }
}

const shown = (text: string): string => {
  const line = text.slice(0, 61).replace(/\s+/g, ' ').trim();
  return text.length > 60 ? `${line.slice(0, 60)}…` : line;
};
