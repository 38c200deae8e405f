// A Dockerfile as instructions: continued lines joined, comments and here-documents left out, as BuildKit's parser does it.
import { jsonWords } from './json-form.ts';
import { expandWord, splitWords } from './word.ts';

export interface Instruction {
  /** From 1, of its first line. */
  readonly line: number;
  /** In capitals. */
  readonly keyword: string;
  /** `--platform=…`, without the quotes around them. */
  readonly flags: readonly string[];
  /** What follows keyword and flags. */
  readonly rest: string;
  /** All of it, as joined. */
  readonly text: string;
  /** Name of a here-document in it that has no end. */
  readonly open?: string;
}

export interface Dockerfile {
  /** The character that escapes and continues lines: a backslash, or a backtick where a directive says so. */
  readonly escaper: string;
  readonly instructions: readonly Instruction[];
}

/** Never fails: what the builder refuses is read as far as it makes sense. */
export function parseDockerfile(source: string): Dockerfile {
  const lines = source.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escaper = escapeOf(lines);
  const continued = escaper === '`' ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/;
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let text = lines[at]!.trimStart();
    if (text === '' || text.startsWith('#')) continue;
    while (continued.test(text)) {
      text = text.replace(continued, '$1');
      // Comments and empty lines in between do not end it.
      do at++;
      while (at < lines.length && /^\s*(#|$)/.test(lines[at]!));
      if (at >= lines.length) break;
      text += lines[at];
    }
    const read = instruction(line, text.trimEnd(), escaper);
    const documents = afterDocuments(lines, at, read, escaper);
    if (read.keyword !== '') instructions.push(documents.open === null ? read : { ...read, open: documents.open });
    at = documents.at;
  }
  return { escaper, instructions };
}

/** Directives stand before anything else; the first line that is none ends them. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name, value] = /^#\s*([a-z][a-z0-9]*)\s*=\s*(.+?)\s*$/i.exec(line.trimStart()) ?? [];
    if (name?.toLowerCase() === 'escape') return value === '`' ? '`' : '\\';
    if (!/^(syntax|check)$/i.test(name ?? '')) break;
  }
  return '\\';
}

function instruction(line: number, text: string, escaper: string): Instruction {
  const [, keyword = '', after = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  let rest = after;
  const flags: string[] = [];
  for (let found = flagAt(rest, escaper); found; found = flagAt(rest, escaper)) {
    flags.push(expandWord(found, new Map(), escaper) ?? found);
    rest = rest.slice(found.length).trimStart();
  }
  return { line, keyword: keyword.toUpperCase(), flags, rest, text };
}

/** Quotes may hold white space. */
function flagAt(text: string, escaper: string): string | undefined {
  if (!text.startsWith('--')) return undefined;
  const flag = escaper === '`' ? /^(?:`.|"(?:`.|[^"`])*"|'[^']*'|\S)+/s : /^(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|\S)+/s;
  return flag.exec(text)?.[0];
}

/** The last line of the here-documents that begin in an instruction, the given one where there are none. */
function afterDocuments(
  lines: readonly string[],
  from: number,
  read: Instruction,
  escaper: string,
): { readonly at: number; readonly open: string | null } {
  let at = from;
  for (const { end, isIndented } of documentsOf(read, escaper)) {
    const isEnd = (line: string): boolean => (isIndented ? line.replace(/^\t+/, '') : line) === end;
    const found = lines.findIndex((line, i) => i > at && isEnd(line));
    if (found < 0) return { at: lines.length, open: end };
    at = found;
  }
  return { at, open: null };
}

/** Only whole words of ADD, COPY and RUN begin one, so that a shift (`1<<3`) and a here-string (`<<<`) do not. */
function documentsOf(read: Instruction, escaper: string): { readonly end: string; readonly isIndented: boolean }[] {
  if (read.keyword === 'ONBUILD') return documentsOf(instruction(read.line, read.rest, escaper), escaper);
  if (!/^(ADD|COPY|RUN)$/.test(read.keyword) || isJson(read.rest)) return [];
  return (splitWords(read.rest, escaper) ?? []).flatMap((word) => {
    const [, dash, name] = /^\d*<<(-?)([^<]*)$/.exec(word) ?? [];
    const end = !name ? null : literalOf(name, escaper);
    return end ? [{ end, isIndented: dash === '-' }] : [];
  });
}

/** Its variables are text. */
const literalOf = (name: string, escaper: string): string | null =>
  expandWord(name.replaceAll('$', `${escaper}$`), new Map(), escaper);

const isJson = (text: string): boolean => jsonWords(text)?.every((word) => typeof word === 'string') ?? false;
