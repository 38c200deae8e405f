// A user's regular expression over many lines at once. One that backtracks without end is stopped, as V8 has no other
// way to interrupt a match than the timeout of node:vm.
import vm from 'node:vm';
import { limits } from '../model/limits.ts';
import { ProblemError } from '../model/problems/problem.ts';

/** Many lines as one text, joined by line feeds; `ends[i]` is where line i ends. */
export interface Lines {
  readonly text: string;
  readonly ends: Uint32Array;
}

export interface LinePattern {
  /** Indices of the lines that match, ascending. Throws a `ProblemError` S600 when the pattern runs for too long. */
  matches(lines: Lines): number[];
}

/** Stateless, though `regex` may be global or sticky. */
export function linePattern(regex: RegExp): LinePattern {
  const single = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''));
  const match = isLiteral(regex)
    ? (lines: Lines) => linesAt(lines, literalFinder(lines.text, regex.source))
    : staysInLine(regex)
      ? inWhole(new RegExp(regex.source, `${single.flags.replace('m', '')}gm`), single)
      : (lines: Lines) => lineByLine(lines, single);
  const safely = bounded(match, 'the search pattern');
  const tame = tameLength(regex.source);
  return { matches: (lines) => (tame > 0 && longest(lines) <= tame ? match(lines) : safely(lines)) };
}

export function joined(texts: readonly string[]): Lines {
  const ends = new Uint32Array(texts.length);
  let end = -1;
  for (let i = 0; i < texts.length; i++) ends[i] = end += (texts[i] as string).length + 1;
  return { text: texts.join('\n'), ends };
}

/**
 * Up to which length of a line a pattern needs no guard, 0 for never: the guard costs more than most searches. Without a
 * repetition a match costs what the line is long, with one its square, and each choice doubles it: a block of such lines is done
 * in some ten ms at worst.
 */
export function tameLength(source: string): number {
  const countOf = (what: RegExp): number => source.match(what)?.length ?? 0;
  const [repeated, choices] = [countOf(/[*+{]/g), countOf(/[?|]/g)];
  if (/\)[*+{]|\\[1-9k]/.test(source) || repeated > 1) return 0;
  if (repeated === 0) return choices <= 4 ? 1_000 : 0;
  return choices <= 1 ? 200 : 0;
}

function longest({ ends }: Lines): number {
  let most = 0;
  let start = 0;
  for (const end of ends) {
    if (end - start > most) most = end - start;
    start = end + 1;
  }
  return most;
}

/**
 * Can a match of this pattern never contain a line feed, nor look beyond the line? Then many lines are searched as one
 * text, several times as fast as line by line. Told from the source, and in doubt no.
 */
function staysInLine(regex: RegExp): boolean {
  const source = regex.source;
  return (
    !/[sv]/.test(regex.flags) &&
    !/\[\^|\\[sSDWPp0-9nrcxukfvt]|\(\?(?!:)|[\x00-\x1f]/.test(source) &&
    !/\[[^\]]*\\[^wd.\-\][\\/]/.test(source)
  );
}

/** A word as it stands: V8 looks for it with the instructions made for that. */
const isLiteral = ({ source, flags }: RegExp): boolean => !/[iy]/.test(flags) && /^[\w <>=:;,@#%&"'~!-]+$/.test(source);

/** Where the next hit at or after a place ends; -1: there is none. */
type Finder = (from: number) => number;

const literalFinder =
  (text: string, word: string): Finder =>
  (from) => {
    const at = text.indexOf(word, from);
    return at < 0 ? -1 : at + word.length;
  };

/** Lines in which hits end, each once: after a hit the search goes on with the next line. */
function linesAt({ text, ends }: Lines, next: Finder): number[] {
  const found: number[] = [];
  let line = 0;
  for (let end = next(0); end >= 0; ) {
    while (line < ends.length && (ends[line] as number) < end) line++;
    if (line >= ends.length) break;
    found.push(line);
    const from = (ends[line] as number) + 1;
    end = from > text.length ? -1 : next(from);
  }
  return found;
}

/** `^` and `$` of a multi-line match agree with line ends, except at other line separators inside a line. */
function inWhole(whole: RegExp, single: RegExp): (lines: Lines) => number[] {
  const hasAnchors = /[\^$]/.test(whole.source);
  return (lines) => {
    const { text, ends } = lines;
    const found = linesAt(lines, (from) => {
      whole.lastIndex = from;
      // `test` makes no object for each hit; that of `exec` costs more than the search.
      return whole.test(text) ? whole.lastIndex : -1;
    });
    if (!hasAnchors || !['\r', '\u2028', '\u2029'].some((separator) => text.includes(separator))) return found;
    return found.filter((i) => single.test(text.slice(i === 0 ? 0 : (ends[i - 1] as number) + 1, ends[i])));
  };
}

function lineByLine({ text, ends }: Lines, single: RegExp): number[] {
  const found: number[] = [];
  let start = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i] as number;
    if (single.test(text.slice(start, end))) found.push(i);
    start = end + 1;
  }
  return found;
}

/** In a row, each a fifth of the time there is: a sane pattern takes some µs. */
const slowInRow = 5;

/**
 * `run` with a bound of limits.patternMs on each call, for what applies a pattern of the user. One that took too long, or nearly
 * so again and again, is not run any more: a ProblemError S600 each time, that names `subject`. One that hardly came to run is
 * not known by that, and runs again.
 */
export function bounded<I, O>(run: (input: I) => O, subject: string): (input: I) => O {
  let input: I;
  let slow = 0;
  const context = vm.createContext({ run: () => run(input) });
  const script = new vm.Script('run()');
  return (next) => {
    if (slow >= slowInRow) throw tooSlow(subject);
    input = next;
    for (let turn = 1; ; turn += 1) {
      const start = process.cpuUsage();
      try {
        const output = script.runInContext(context, { timeout: limits.patternMs }) as O;
        slow = isSlow(start) ? slow + 1 : 0;
        return output;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        if (turn < limits.patternTurns && !isSlow(start)) continue;
        slow = slowInRow;
        throw tooSlow(subject);
      }
    }
  };
}

/** The timeout of node:vm goes by the clock; of the time that others have the processor the pattern knows nothing. */
function isSlow(start: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 > limits.patternMs / slowInRow;
}

const tooSlow = (subject: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S600',
    what: `${subject} takes more than ${limits.patternMs} ms on a few lines`,
    hint: 'repetition inside repetition, as in (a+)+, takes endless time: make it simpler',
  });
