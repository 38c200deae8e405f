// Words of a Dockerfile as BuildKit's lexer reads them: quotes, escapes and variables with their modifiers.
import { Scanner } from './scanner.ts';
import { replaced, shellPattern, withoutPrefix, withoutSuffix } from './shell-pattern.ts';

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
    if (sign === '#' || sign === '%') {
      const isLongest = word.startsWith(sign);
      const pattern = shellPattern(isLongest ? word.slice(1) : word);
      return (sign === '#' ? withoutPrefix : withoutSuffix)(value ?? '', pattern, isLongest);
    }
    throw refused(`modifier ${sign}`);
  }

  private replaced(value: string): string {
    const isAll = this.peek() === '/';
    if (isAll) this.next();
    const pattern = shellPattern(this.until('/', true));
    const by = this.until('}', true);
    return replaced(value, pattern, by, isAll);
  }
}
