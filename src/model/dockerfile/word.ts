// Words of a Dockerfile as BuildKit's lexer reads them: quotes, escapes and variables with their modifiers.
import { Scanner } from './scanner.ts';

export type Values = ReadonlyMap<string, string>;

/** The text with quotes taken off and variables filled in; null where the builder refuses it. */
export function expandWord(text: string, values: Values, escaper = '\\'): string | null {
  const expansion = new Expansion(text, values, escaper);
  try {
    return expansion.until('', false);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Words as written, quotes and escapes included; null where a quote is not closed. */
export function splitWords(text: string, escaper = '\\'): readonly string[] | null {
  const words: string[] = [];
  let [word, quote] = ['', ''];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote === '' && /\s/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += char;
    if (char === escaper && quote !== "'") word += text[++i] ?? '';
    else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
  }
  if (quote !== '') return null;
  return word === '' ? words : [...words, word];
}

const refused = (why: string): SyntaxError => new SyntaxError(why);

class Expansion extends Scanner {
  private readonly values: Values;
  private readonly escaper: string;

  constructor(text: string, values: Values, escaper: string) {
    super(text);
    this.values = values;
    this.escaper = escaper;
  }

  /** Up to `end`, which is taken; '' is the end of the text. In patterns escapes stay as they are. */
  until(end: string, keepsEscapes: boolean): string {
    let done = '';
    while (this.peek() !== '') {
      const char = this.next();
      if (char === end) return done;
      if (char === '$') done += this.variable();
      else if (char === "'") done += this.upTo("'");
      else if (char === '"') done += this.doubleQuoted(keepsEscapes);
      else if (char === this.escaper) done += (keepsEscapes ? char : '') + this.next();
      else done += char;
    }
    if (end !== '') throw refused(`no ${end}`);
    return done;
  }

  private upTo(end: string): string {
    const text = this.take((char) => char !== end);
    if (this.next() !== end) throw refused(`no ${end}`);
    return text;
  }

  private doubleQuoted(keepsEscapes: boolean): string {
    let done = '';
    for (let char = this.next(); char !== '"'; char = this.next()) {
      if (char === '') throw refused('no "');
      if (char === '$') done += this.variable();
      else if (char !== this.escaper) done += char;
      else {
        if (keepsEscapes) done += char;
        // The others are no escapes inside quotes.
        if (['"', '$', this.escaper].includes(this.peek())) done += this.next();
        else if (!keepsEscapes && this.peek() !== '') done += char;
      }
    }
    return done;
  }

  private variable(): string {
    if (this.peek() !== '{') {
      const plain = this.name();
      return plain === '' ? '$' : (this.values.get(plain) ?? '');
    }
    this.next();
    const name = this.name();
    if (name === '') throw refused('bad substitution');
    return this.modified(this.values.get(name));
  }

  private name(): string {
    if (/[@*#?$!-]/.test(this.peek())) return this.next();
    const isNumber = /\d/.test(this.peek());
    return this.take((char) => (isNumber ? /\d/ : /[\p{L}\p{N}_]/u).test(char));
  }

  /** After the name, up to and with the brace. */
  private modified(value: string | undefined): string {
    let sign = this.next();
    if (sign === '}') return value ?? '';
    if (sign === '/') return this.replaced(value ?? '');
    const isSet = sign === ':' ? !!value : value !== undefined;
    if (sign === ':') sign = this.next();
    const word = this.until('}', sign === '#' || sign === '%');
    if (sign === '-') return isSet ? value! : word;
    if (sign === '+') return isSet ? word : '';
    if (sign === '?' && isSet) return value!;
    if (sign === '#' || sign === '%') return trimmed(value ?? '', sign, word);
    throw refused(`modifier ${sign}`);
  }

  private replaced(value: string): string {
    const isAll = this.peek() === '/';
    if (isAll) this.next();
    const found = pattern(this.until('/', true));
    const by = this.until('}', true);
    return value.replace(new RegExp(found, isAll ? 'gsu' : 'su'), () => by);
  }
}

/** `#` at the beginning and `%` at the end, the shortest match; doubled, the longest. */
function trimmed(value: string, sign: '#' | '%', word: string): string {
  const isLongest = word.startsWith(sign);
  const found = new RegExp(`^(?:${pattern(isLongest ? word.slice(1) : word)})$`, 'su');
  const cuts = Array.from({ length: value.length + 1 }, (_, i) => i);
  // The part taken off grows with the cut for `#` and shrinks with it for `%`.
  const order = (sign === '#') === isLongest ? cuts.reverse() : cuts;
  for (const cut of order) {
    const [head, tail] = [value.slice(0, cut), value.slice(cut)];
    if (sign === '#' && found.test(head)) return tail;
    if (sign === '%' && found.test(tail)) return head;
  }
  return value;
}

/** A shell pattern of `*` and `?` as the source of a regular expression; there are no classes in it. */
function pattern(text: string): string {
  // Each more makes a match take longer by a factor.
  if (text.replace(/\*+/g, '*').split('*').length > 8) throw refused('too many *');
  return text.replace(/\*+|\\([\s\S]?)|[\s\S]/gu, (char, escaped?: string) => {
    if (char.startsWith('*')) return '.*';
    if (char === '?') return '.';
    if (escaped !== undefined && !/^[*?\\}/]$/.test(escaped)) throw refused(`escape ${char}`);
    return (escaped ?? char).replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  });
}
