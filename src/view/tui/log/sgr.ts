// A log line with its SGR colours as columns and styles. Only SGR reaches here; anything else is dropped all the same.
import type { LogLine } from '../../../model/log.ts';
import { pushColumns } from '../paint/columns.ts';
import { bgOf, fgOf, flag, inherit, plain, type Style, withBg, withFg, withFlag, withoutFlag } from '../paint/style.ts';

export interface Columns {
  readonly chars: readonly string[];
  readonly styles: readonly Style[];
}

const sequences = /\x1b\[([\d;:]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[[(][ -?]*[@-~]?|\x1b./g;

/** Nearest of the 256: the 6×6×6 cube, or a grey. blessed knows no more than these. */
export function nearest(r: number, g: number, b: number): number {
  if (Math.max(r, g, b) - Math.min(r, g, b) < 10) {
    const grey = Math.round((r - 8) / 10);
    return grey < 0 ? 16 : grey > 23 ? 231 : 232 + grey;
  }
  const step = (v: number) => (v < 48 ? 0 : v < 115 ? 1 : Math.min(5, Math.floor((v - 35) / 40)));
  return 16 + 36 * step(r) + 6 * step(g) + step(b);
}

/** Colour after 38 or 48 at `params[i]`: the colour, and how many parameters it took. */
function extended(params: readonly number[], i: number): readonly [color: number, used: number] {
  if (params[i + 1] === 5) return [(params[i + 2] ?? 0) & 0xff, 2];
  if (params[i + 1] === 2) return [nearest(params[i + 2] ?? 0, params[i + 3] ?? 0, params[i + 4] ?? 0), 4];
  return [inherit, params.length];
}

function one(style: Style, code: number): Style {
  if (code === 0) return plain;
  if (code === 1) return withFlag(style, flag.bold);
  if (code === 2) return withFg(style, 8);
  if (code === 4) return withFlag(style, flag.underline);
  if (code === 7) return withFlag(style, flag.inverse);
  if (code === 22) return withoutFlag(fgOf(style) === 8 ? withFg(style, inherit) : style, flag.bold);
  if (code === 24) return withoutFlag(style, flag.underline);
  if (code === 27) return withoutFlag(style, flag.inverse);
  if (code >= 30 && code <= 37) return withFg(style, code - 30);
  if (code === 39) return withFg(style, inherit);
  if (code >= 40 && code <= 47) return withBg(style, code - 40);
  if (code === 49) return withBg(style, inherit);
  if (code >= 90 && code <= 97) return withFg(style, code - 82);
  if (code >= 100 && code <= 107) return withBg(style, code - 92);
  return style;
}

/** The style after an SGR sequence with these parameters. */
export function sgr(style: Style, sequence: string): Style {
  const params = sequence === '' ? [0] : sequence.split(/[;:]/).map(Number);
  let now = style;
  for (let i = 0; i < params.length; i++) {
    const code = params[i]!;
    if (code !== 38 && code !== 48) {
      now = one(now, code);
      continue;
    }
    const [color, used] = extended(params, i);
    now = code === 38 ? withFg(now, color) : withBg(now, color);
    i += used;
  }
  return now;
}

/** Text on a background of its own colour cannot be read: the foreground goes back to the terminal's. */
const legible = (style: Style): Style =>
  fgOf(style) !== inherit && fgOf(style) === bgOf(style) ? withFg(style, inherit) : style;

export function parse(text: string): Columns {
  const chars: string[] = [];
  const styles: Style[] = [];
  let style: Style = plain;
  let from = 0;
  const upTo = (end: number) => {
    if (end > from) pushColumns(chars, text.slice(from, end));
    while (styles.length < chars.length) styles.push(style);
  };
  if (text.includes('\x1b')) {
    for (const found of text.matchAll(sequences)) {
      upTo(found.index);
      from = found.index + found[0].length;
      if (found[1] !== undefined) style = legible(sgr(style, found[1]));
    }
  }
  upTo(text.length);
  return { chars, styles };
}

const parsed = new WeakMap<LogLine, Columns>();

/** The columns of a log line, worked out once for as long as the store hands out the same line. */
export function columnsOfLine(line: LogLine): Columns {
  const known = parsed.get(line);
  if (known) return known;
  const columns = parse(line.text);
  parsed.set(line, columns);
  return columns;
}
