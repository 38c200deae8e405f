// A command written as one line, taken apart as Compose takes it: no shell reads it. Quotes and backslashes are those of one; `$(…)` and
// backquotes keep their blanks; and what follows a ; & | < or > outside of all of these is left out.

interface State {
  words: string[];
  /** Null between words. */
  word: string | null;
  /** What is open: a quote, or the bracket of `$(`. */
  open: string;
}

/** Null where something is open at the end, or a bracket stands where none can. */
export function wordsOf(line: string): string[] | null {
  const state: State = { words: [], word: null, open: '' };
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] as string;
    if (letter === '\\' && state.open !== "'") {
      const next = line[++at];
      if (next === undefined) return null;
      const isKept = state.open === '`' || state.open === ')';
      add(state, isKept ? `\\${next}` : (letters[next] ?? next));
    } else if (state.open === '' && /[;&|<>]/.test(letter)) {
      // `2>` is one redirection.
      if (letter === '>' && /^\d/.test(state.word ?? '')) state.word = null;
      break;
    } else if (state.open === '' && /[ \t\r\n]/.test(letter)) end(state);
    else if (!takes(state, letter)) return null;
  }
  if (state.open !== '') return null;
  end(state);
  return state.words;
}

const letters: Readonly<Record<string, string | undefined>> = { n: '\n', t: '\t' };

const add = (state: State, text: string): void => {
  state.word = (state.word ?? '') + text;
};

function end(state: State): void {
  if (state.word !== null) state.words.push(state.word);
  state.word = null;
}

/** A quote is left out, a bracket and a backquote are not. False for a bracket that cannot stand there. */
function takes(state: State, letter: string): boolean {
  const isQuote = letter === '"' || letter === "'";
  const isBare = state.open === '';
  if (isQuote && (isBare || state.open === letter)) {
    state.open = isBare ? letter : '';
    add(state, '');
    return true;
  }
  if (letter === '`' && (isBare || state.open === letter)) state.open = isBare ? letter : '';
  if (letter === '(' && (isBare || state.open === ')')) {
    if (!isBare || !state.word?.endsWith('$')) return false;
    state.open = ')';
  } else if (letter === ')' && (isBare || state.open === ')')) state.open = isBare ? ')' : '';
  add(state, letter);
  return true;
}
