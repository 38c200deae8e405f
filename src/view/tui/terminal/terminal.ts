// What a terminal can do, from the environment: colours, glyphs, background.
import type { Background, Depth } from '../paint/palette.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Abilities {
  readonly depth: Depth;
  /** Characters beyond ASCII are understood. */
  readonly utf8: boolean;
  /** The console's font has letters and lines, but few symbols. */
  readonly symbols: boolean;
  /** Understands operating system commands: title, notification, clipboard. The Linux console prints some of them. */
  readonly osc: boolean;
  readonly tmux: boolean;
  readonly background: Background;
}

function depthOf(env: Env): Depth {
  if (env.NO_COLOR) return 0;
  const term = env.TERM ?? '';
  if (/^(?:linux|cons25|ansi|vt\d+)/.test(term) || /-16color/.test(term)) return /^vt\d+/.test(term) ? 0 : 16;
  return 256;
}

/** `COLORFGBG` is `15;0` on dark: rxvt, Konsole and iTerm2 set it. */
function backgroundOf(env: Env): Background {
  const color = /;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1];
  if (color === undefined) return 'unknown';
  return Number(color) === 7 || Number(color) > 8 ? 'light' : 'dark';
}

export function abilitiesOf(env: Env): Abilities {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const console = (env.TERM ?? '') === 'linux';
  const utf8 = locale === '' ? !console : /utf-?8/i.test(locale);
  return {
    depth: depthOf(env),
    utf8,
    symbols: utf8 && !console,
    osc: !console,
    tmux: Boolean(env.TMUX),
    background: backgroundOf(env),
  };
}

const inAscii: Record<string, string> = {
  '●': '*',
  '○': 'o',
  '◌': '.',
  '◐': '%',
  '◔': '~',
  '✗': 'x',
  '·': '-',
  '↻': '@',
  '┃': '>',
  '▾': 'v',
  '▸': '>',
  '…': '~',
  '─': '-',
  '│': '|',
  '┊': ':',
  '»': '>',
  '╭': '+',
  '╮': '+',
  '╰': '+',
  '╯': '+',
  '›': '>',
  '⏎': '+',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '–': '-',
  '×': 'x',
  '□': '?',
};

/** A character as this terminal can show it, one column for one. */
export function shownAs(char: string, abilities: Abilities): string {
  if (abilities.symbols || char <= '~') return char;
  return inAscii[char] ?? (abilities.utf8 ? char : '?');
}
