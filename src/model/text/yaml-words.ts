// Why a text is no YAML, for whoever wrote it: what is wrong, where that begins, and how it is written. A parser tells where it
// gave up, which is often the line after, and in the words of the specification.

export interface YamlFault {
  readonly code: string;
  readonly message: string;
  /** Offsets in the text. */
  readonly pos: readonly [number, number];
}

export interface YamlWords {
  readonly what: string;
  readonly hint: string;
  /** Where it should be looked at. */
  readonly offset: number;
  /** Of the problem, where it is another than that of its neighbours. */
  readonly code?: string;
}

/** The same text with nothing of it to be read: for words about a Secret. */
export const masked = (text: string): string => text.replace(/[^\s\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/g, 'x');

/**
 * One for each mistake: what a parser finds after its first error is a consequence as a rule, save for keys that stand twice.
 * In the order of the text.
 */
export function yamlWords(text: string, faults: readonly YamlFault[]): readonly YamlWords[] {
  const [first] = faults;
  if (!first) return [];
  const conflict = /^(<{7}|={7}|>{7})(\s|$)/m.exec(text);
  if (conflict)
    return [
      { what: 'a merge conflict stands here', hint: 'settle it, and take its markers out', offset: conflict.index },
    ];
  const twice = faults.filter(({ code }) => code === 'DUPLICATE_KEY');
  const others = faults.filter(({ code }) => code !== 'DUPLICATE_KEY').slice(0, 1);
  return [...twice, ...others].map((fault) => words(text, fault)).toSorted((a, b) => a.offset - b.offset);
}

function words(text: string, fault: YamlFault): YamlWords {
  const at = fault.pos[0];
  const line = lineAt(text, at);
  if (line.includes('{{')) return template(text, at);
  const say = table[fault.code]?.(text, at, fault) ?? null;
  if (say) return say;
  const hint = 'look at the indentation, the quotes and the brackets of this line and of the one before';
  return { what: 'this cannot be read as YAML', hint, offset: firstOf(text, at) };
}

type Say = (text: string, at: number, fault: YamlFault) => YamlWords | null;

const table: Readonly<Record<string, Say>> = {
  TAB_AS_INDENT: (text, at) => ({
    what: 'a tab stands where only spaces may: YAML is indented with spaces',
    hint: 'replace it by spaces',
    offset: Math.max(text.indexOf('\t', at), at),
  }),
  DUPLICATE_KEY: twice,
  MULTIPLE_DOCS: (text, at) => ({
    what: 'a second document begins here: this file is one',
    hint: 'take out the line ---, or move what follows it into another file',
    offset: Math.max(text.indexOf('---', at), at),
  }),
  BAD_SCALAR_START: (text, at) => ({
    what: `a text cannot begin with ${text[at]}`,
    hint: `quote it: "${restOf(text, at)}"`,
    offset: at,
  }),
  BAD_DQ_ESCAPE: (text, at) => ({
    what: `${text.slice(at, at + 2)} means nothing in double quotes`,
    hint: `put the text in single quotes, or write \\${text.slice(at, at + 2)}`,
    offset: at,
  }),
  BAD_ALIAS: (_, at) => ({
    what: 'a name is missing after & or *',
    hint: 'a text that begins with & or * stands in quotes',
    offset: at,
  }),
  KEY_OVER_1024_CHARS: (_, at) => ({
    what: 'a key is longer than 1024 characters',
    hint: 'is a line break missing before the colon, or a quote?',
    offset: at,
  }),
  TAG_RESOLVE_FAILED: (text, at, { message }) =>
    message.startsWith('Unresolved tag')
      ? {
          what: `${tagAt(text, at)} does not fit this value`,
          hint: 'take it out, or write the value so that it does',
          offset: at,
        }
      : { what: message, hint: 'put it in quotes, if it is a text', offset: at },
  MULTILINE_IMPLICIT_KEY: withoutColon,
  BLOCK_AS_IMPLICIT_KEY: (text, at, fault) =>
    /sequence/.test(fault.message) ? uneven(text, at, 'list') : colonInside(text, at),
  BAD_INDENT: (text, at, fault) =>
    /Flow/.test(fault.message)
      ? unclosed(text, at, fault.message)
      : uneven(text, at, /sequence/.test(fault.message) ? 'list' : 'map'),
  BLOCK_IN_FLOW: (text, at) => {
    const next = /\s([\w.-]+):(\s|$)/.exec(text.slice(at, lineEnd(text, at)));
    if (next) return commaMissing(at + next.index + 1);
    const hint = 'close the { or [ above first, or write it all in one style';
    return { what: 'indented lines stand inside of brackets', hint, offset: firstOf(text, at) };
  },
  MISSING_CHAR: missing,
  UNEXPECTED_TOKEN: unexpected,
};

/** Of a key that its map has already. */
export function twice(text: string, at: number): YamlWords {
  const key = tokenAt(text, at);
  const before = lineOfKey(text, at, key);
  return {
    what: `the key ${key} stands twice in one map`,
    hint: before === null ? 'keep one of them' : `keep one of them; the other is on line ${before}`,
    offset: at,
  };
}

const template = (text: string, at: number): YamlWords => ({
  what: 'a template stands here that nobody has rendered',
  hint: 'a chart is named with {helm: DIR}; a text with {{ stands in quotes',
  offset: Math.max(text.indexOf('{{', lineStart(text, at)), 0),
});

function missing(text: string, at: number, { message }: YamlFault): YamlWords | null {
  if (/closing ["']quote/.test(message)) {
    const offset = openQuote(text, at);
    const quote = text[offset] === "'" ? "'" : '"';
    return { what: `a quote is never closed`, hint: `write ${quote} at the end of the text`, offset };
  }
  if (/must end with/.test(message)) return unclosed(text, at, message);
  if (/followed by map values|Implicit map keys/.test(message)) return withoutColon(text, at);
  if (/Missing ,/.test(message)) return commaMissing(firstOf(text, at));
  if (/directives-end/.test(message))
    return {
      what: 'a line begins with %, which YAML keeps for itself',
      hint: 'put the text in quotes',
      offset: lineStart(text, at),
    };
  if (/separated|white space/.test(message))
    return { what: 'a space is missing before this', hint: 'write one', offset: at };
  return null;
}

const commaMissing = (offset: number): YamlWords => ({
  what: 'a comma is missing before this',
  hint: 'inside { } and [ ] entries stand between commas',
  offset,
});

function unexpected(text: string, at: number, { message }: YamlFault): YamlWords | null {
  if (/Block scalar header/.test(message))
    return {
      what: 'the text after | or > begins on the next line',
      hint: 'move it there, and indent it; or put it in quotes',
      offset: at,
    };
  if (/[}\]]/.test(text[at] ?? ''))
    return { what: `this ${text[at]} closes nothing`, hint: 'take it out, or open it before', offset: at };
  if (/quoted-scalar token|Unexpected scalar token/.test(message)) return commaMissing(at);
  if (/,|empty item/.test(message))
    return { what: 'a comma stands where nothing is between', hint: 'take it out', offset: at };
  if (/ at node end/.test(message)) {
    const isInBrackets = /^\s*\{/.test(text);
    if (isInBrackets && /["'\w]/.test(text[at] ?? '')) return commaMissing(at);
    const hint = text.slice(lineStart(text, at), at).includes("'")
      ? "inside of single quotes '' is one quote; or use double quotes"
      : 'put the whole text in quotes: inside of double quotes \\" is a quote';
    return { what: 'something follows a value that has ended', hint, offset: at };
  }
  return null;
}

/** A key that goes on over the next line: its colon, or the space after it, is missing. */
function withoutColon(text: string, at: number): YamlWords {
  const line = text.slice(at, lineEnd(text, at)).trim();
  const [, key, value] = /^([\w.-]+):(\S.*)$/.exec(line) ?? [];
  if (key !== undefined)
    return { what: 'a space is missing after the colon', hint: `write ${key}: ${short(value ?? '')}`, offset: at };
  if (/^- /.test(line)) return uneven(text, at, 'list');
  return {
    what: `a colon is missing after ${short(line) || 'this'}`,
    hint: `write ${short(line)}: and what belongs to it`,
    offset: at,
  };
}

/** `a: b: c`, or a line below `a: b` that is indented as if it belonged to it. */
function colonInside(text: string, at: number): YamlWords {
  const rest = text.slice(at, lineEnd(text, at));
  if (/:(\s|$)/.test(rest)) {
    const key = /([\w.-]+):\s*$/.exec(text.slice(lineStart(text, at), at))?.[1];
    return {
      what: 'a colon and a space stand inside of a text',
      hint: `put the text in quotes: ${key ? `${key}: ` : ''}"${short(rest.trim())}"`,
      offset: at,
    };
  }
  return {
    ...uneven(text, Math.min(lineEnd(text, at) + 1, text.length), 'map'),
    what: 'this line is indented below one that has its value already',
  };
}

const uneven = (text: string, at: number, kind: 'map' | 'list'): YamlWords => ({
  what: `this line is indented otherwise than the ${kind} it belongs to`,
  hint: kind === 'map' ? 'begin all keys of a map in one column' : 'begin each - of a list in one column',
  offset: firstOf(text, at),
});

/** The bracket that a `}` or `]` is missing for. */
function unclosed(text: string, at: number, message: string): YamlWords {
  const [open, close] = /sequence|\]/.test(message) ? ['[', ']'] : ['{', '}'];
  let depth = 0;
  for (let i = Math.min(at, text.length) - 1; i >= 0; i--) {
    if (text[i] === close) depth++;
    else if (text[i] === open && depth-- === 0)
      return { what: `this ${open} is never closed`, hint: `write ${close} where it ends`, offset: i };
  }
  return { what: `a ${close} is missing`, hint: `write ${close} where it ends`, offset: Math.max(at - 1, 0) };
}

/** Where the last text begins whose quote is not closed. */
function openQuote(text: string, end: number): number {
  const form = /(^|[\s[{,:])(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^']|'')*'|#[^\n]*|(["']))/g;
  for (let found = form.exec(text); found; found = form.exec(text))
    if (found[2] !== undefined) return found.index + (found[1] ?? '').length;
  return Math.max(0, end - 1);
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

const lineAt = (text: string, at: number): string => text.slice(lineStart(text, at), lineEnd(text, at));

/** The first character from here on that is no white space. */
function firstOf(text: string, at: number): number {
  const found = text.slice(at, at + 10_000).search(/\S/);
  return found < 0 ? at : at + found;
}

const tokenAt = (text: string, at: number): string =>
  short(/^(?:"[^"\n]*"|'[^'\n]*'|[^:\s,}\]]+)/.exec(text.slice(at, at + 300))?.[0] ?? 'here');

const tagAt = (text: string, at: number): string => short(/^!\S*/.exec(text.slice(at, at + 300))?.[0] ?? 'this tag');

const restOf = (text: string, at: number): string =>
  short(/^[^,\]}\n#]*/.exec(text.slice(at, at + 300))?.[0].trim() ?? '');

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** Of the same key in the same column above, from 1; null where that is on this line, or not found. */
function lineOfKey(text: string, at: number, key: string): number | null {
  const column = at - lineStart(text, at);
  const lines = text.slice(0, lineStart(text, at)).split('\n');
  for (let i = lines.length - 2; i >= 0; i--) {
    const line = lines[i]!;
    if (line.startsWith(key, column) && /^\s*(-\s+)*$/.test(line.slice(0, column)) && line[column + key.length] === ':')
      return i + 1;
  }
  return null;
}
