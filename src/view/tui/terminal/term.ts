// The one file that touches blessed, and that as a painter: it compares our cells with what the screen shows and writes
// the difference. Keys are read by input.ts; blessed gets an input that never says anything.
import { EventEmitter } from 'node:events';
import Program from 'blessed/lib/program.js';
import Tput from 'blessed/lib/tput.js';
import unicode from 'blessed/lib/unicode.js';
import Screen from 'blessed/lib/widgets/screen.js';
import type { Cells } from '../paint/cells.ts';
import { isWide } from '../paint/columns.ts';
import { bgOf, fgOf, inherit, type Style, withBg, withFg } from '../paint/style.ts';
import { type Abilities, shownAs } from './terminal.ts';
import { terminfo } from './terminfo.ts';

export interface Term {
  paint(cells: Cells): void;
  /** Everything is written anew with the next paint. */
  forget(): void;
  /** Onto the alternate screen; `leave` gives the terminal back as it was. Both may be called twice. */
  enter(): void;
  leave(): void;
  mouse(on: boolean): void;
  /** A sequence that moves no cursor: title, bell, clipboard. */
  say(sequence: string): void;
  /** The terminal has not taken what was written yet (a slow line): a further frame would only queue up. */
  readonly behind: boolean;
  destroy(): void;
}

/** The 256 colours as the nearest of sixteen. */
function sixteen(color: number): number {
  if (color < 16) return color;
  if (color >= 232) return color < 238 ? 0 : color < 244 ? 8 : color < 250 ? 7 : 15;
  const n = color - 16;
  const [r, g, b] = [Math.floor(n / 36), Math.floor(n / 6) % 6, n % 6];
  const top = Math.max(r, g, b);
  if (top === 0) return 0;
  const bit = (v: number) => (v * 2 > top ? 1 : 0);
  return bit(r) + 2 * bit(g) + 4 * bit(b) + (top >= 4 ? 8 : 0);
}

/**
 * Terminals disagree about the width of emoji. The two columns are blanked first and the cursor put behind them after,
 * so that a terminal which takes one for narrow shows a blank beside it and moves nothing.
 */
function placed(char: string, x: number): string {
  const code = char.codePointAt(0)!;
  const isDisputed = code < 0x2e80 || (code >= 0x1f000 && code < 0x20000);
  return isDisputed ? `${blanks}${char}\x1b[${x + 3}G` : char;
}

const blanks = '  \b\b';

function reduced(style: Style, abilities: Abilities): Style {
  if (abilities.depth !== 16) return style;
  const fg = fgOf(style);
  const bg = bgOf(style);
  return withBg(withFg(style, fg === inherit ? fg : sixteen(fg)), bg === inherit ? bg : sixteen(bg) & 7);
}

const on = { mouse: '\x1b[?1000h\x1b[?1006h', paste: '\x1b[?2004h' };
const off = { mouse: '\x1b[?1006l\x1b[?1000l', paste: '\x1b[?2004l' };

/** blessed listens for signals and uncaught errors of the process on its own account; those are ours to handle. */
function silence(): void {
  const handlers = {
    uncaughtException: Screen._exceptionHandler,
    SIGTERM: Screen._sigtermHandler,
    SIGINT: Screen._sigintHandler,
    SIGQUIT: Screen._sigquitHandler,
    exit: Screen._exitHandler,
  };
  for (const [event, handler] of Object.entries(handlers)) if (handler) process.removeListener(event, handler);
}

function openScreen(output: NodeJS.WriteStream) {
  unicode.charWidth = (char) => (typeof char === 'string' && (char.startsWith(blanks) || isWide(char)) ? 2 : 1);
  Tput.prototype.readTerminfo = function () {
    return this.parseTerminfo(Buffer.from(terminfo, 'base64'), 'xterm-256color');
  };
  const program = Program({
    input: new EventEmitter(),
    output,
    terminal: 'xterm-256color',
    buffer: true,
    forceUnicode: true,
  });
  const screen = Screen({ program, fullUnicode: true, forceUnicode: true });
  silence();
  screen.tput.brokenACS = true;
  return { program, screen };
}

type OpenScreen = ReturnType<typeof openScreen>;

/** Only what differs from what the screen shows is marked to be written. */
function fill({ lines }: OpenScreen['screen'], cells: Cells, abilities: Abilities): void {
  for (let y = 0; y < cells.height; y++) {
    const row = lines[y]!;
    for (let x = 0; x < cells.width; x++) {
      const at = y * cells.width + x;
      const cell = row[x]!;
      // blessed itself skips the column behind a wide character.
      const own = cells.chars[at] === '' ? ' ' : shownAs(cells.chars[at]!, abilities);
      const char = isWide(own) ? placed(own, x) : own;
      const style = reduced(cells.styles[at]!, abilities);
      if (cell[0] === style && cell[1] === char) continue;
      cell[0] = style;
      cell[1] = char;
      row.dirty = true;
    }
  }
}

class BlessedTerm implements Term {
  private readonly output: NodeJS.WriteStream;
  private readonly abilities: Abilities;
  private readonly program: OpenScreen['program'];
  private readonly screen: OpenScreen['screen'];
  private inside = false;
  private hasMouse = true;

  constructor(output: NodeJS.WriteStream, abilities: Abilities) {
    this.output = output;
    this.abilities = abilities;
    const { program, screen } = openScreen(output);
    this.program = program;
    this.screen = screen;
    this.enter();
  }

  enter(): void {
    if (this.inside) return;
    this.inside = true;
    this.screen.enter();
    this.say(`${this.abilities.osc ? '\x1b[22;2t' : ''}${on.paste}${this.hasMouse ? on.mouse : ''}`);
  }

  leave(): void {
    if (!this.inside) return;
    this.inside = false;
    this.screen.leave();
    this.say(`\x1b[m${off.mouse}${off.paste}${this.abilities.osc ? '\x1b[23;2t' : ''}\x1b[?25h`);
  }

  say(sequence: string): void {
    this.program.flush();
    this.output.write(sequence);
  }

  forget(): void {
    this.screen.alloc();
  }

  mouse(wanted: boolean): void {
    this.hasMouse = wanted;
    if (this.inside) this.say(wanted ? on.mouse : off.mouse);
  }

  paint(cells: Cells): void {
    const { lines } = this.screen;
    if (!this.inside || lines.length !== cells.height || lines[0]?.length !== cells.width) return;
    fill(this.screen, cells, this.abilities);
    this.screen.draw(0, cells.height - 1);
    this.program.flush();
  }

  get behind(): boolean {
    return this.output.writableNeedDrain === true;
  }

  destroy(): void {
    this.leave();
    this.screen.destroy();
  }
}

export const openTerm = (output: NodeJS.WriteStream, abilities: Abilities): Term => new BlessedTerm(output, abilities);
