// Patterns of `${NAME#PATTERN}`, `%` and `/`: `*` stands for any text, `?` for any character; there are no classes in them. A match
// is found in a time that grows with the text times the pattern, whatever they are.

type Text = readonly string[];
/** Null stands for any character. */
type Piece = readonly (string | null)[];
/** What stands between the stars: none has one piece. */
export type ShellPattern = readonly Piece[];

/** Throws a SyntaxError for an escape that BuildKit refuses. */
export function shellPattern(text: string): ShellPattern {
  const pieces: (string | null)[][] = [[]];
  for (const [token] of text.matchAll(/\*+|\\[\s\S]?|[\s\S]/gu)) {
    const piece = pieces.at(-1) as (string | null)[];
    if (token.startsWith('*')) pieces.push([]);
    else if (token === '?') piece.push(null);
    else if (!token.startsWith('\\')) piece.push(token);
    else if (/^\\[*?\\}/]$/.test(token)) piece.push(token.slice(1));
    else throw new SyntaxError(`escape ${token}`);
  }
  return pieces;
}

const fits = (piece: Piece, text: Text, at: number): boolean =>
  at + piece.length <= text.length && piece.every((char, i) => char === null || char === text[at + i]);

function firstAt(piece: Piece, text: Text, from: number): number {
  for (let at = from; at + piece.length <= text.length; at++) if (fits(piece, text, at)) return at;
  return -1;
}

function lastAt(piece: Piece, text: Text, from: number): number {
  for (let at = text.length - piece.length; at >= from; at--) if (fits(piece, text, at)) return at;
  return -1;
}

/**
 * Where a match that begins at `start` ends, -1 for none. Between two stars the first place that fits is as good as any later one:
 * the star behind it takes what comes between.
 */
function endOf(pattern: ShellPattern, text: Text, start: number, longest: boolean): number {
  const [first = [], ...others] = pattern;
  if (!fits(first, text, start)) return -1;
  let end = start + first.length;
  for (const [i, piece] of others.entries()) {
    const isLast = i === others.length - 1;
    const at = isLast && longest ? lastAt(piece, text, end) : firstAt(piece, text, end);
    if (at < 0) return -1;
    end = at + piece.length;
  }
  return end;
}

/** `text` without what matches at its beginning, whole where nothing does. */
export function withoutPrefix(text: string, pattern: ShellPattern, longest: boolean): string {
  const chars = Array.from(text);
  const end = endOf(pattern, chars, 0, longest);
  return end < 0 ? text : chars.slice(end).join('');
}

/** The same at its end. */
export function withoutSuffix(text: string, pattern: ShellPattern, longest: boolean): string {
  const turned = pattern.map((piece) => piece.toReversed()).toReversed();
  const chars = Array.from(text).toReversed();
  const end = endOf(turned, chars, 0, longest);
  return end < 0 ? text : chars.slice(end).toReversed().join('');
}

/** The longest first match, or each of them, replaced; as Go has it, no empty match right behind another match. */
export function replaced(text: string, pattern: ShellPattern, by: string, all: boolean): string {
  const chars = Array.from(text);
  const done: string[] = [];
  let [at, behind] = [0, -1];
  while (at <= chars.length) {
    // Where the first piece fits and the rest does not, it does not from any later place either.
    const start = firstAt(pattern[0] as Piece, chars, at);
    const end = start < 0 ? -1 : endOf(pattern, chars, start, true);
    if (end < 0) break;
    done.push(...chars.slice(at, start));
    if (end > start || start !== behind) done.push(by);
    // An empty match takes the next character along as it is.
    if (end === start && start < chars.length) done.push(chars[start] as string);
    at = end === start ? end + 1 : end;
    behind = end;
    if (!all) break;
  }
  return [...done, ...chars.slice(at)].join('');
}
