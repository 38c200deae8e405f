// Our cells through blessed into a terminal that is read back cell by cell.
import { Writable } from 'node:stream';
import headless from '@xterm/headless';
import { afterEach, describe, expect, it } from 'vitest';
import { blankCells, type Cells, put } from '../../../../src/view/tui/paint/cells.ts';
import { fg, flag, plain } from '../../../../src/view/tui/paint/style.ts';
import { openTerm, type Term } from '../../../../src/view/tui/terminal/term.ts';
import { abilitiesOf } from '../../../../src/view/tui/terminal/terminal.ts';

const WIDTH = 40;
const HEIGHT = 6;

class Output extends Writable {
  readonly isTTY = true;
  readonly columns = WIDTH;
  readonly rows = HEIGHT;
  readonly written: string[] = [];
  readonly xterm = new headless.Terminal({ cols: WIDTH, rows: HEIGHT, allowProposedApi: true });
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    this.xterm.write(chunk);
    done();
  }
}

let term: Term;
const open = (env: Record<string, string> = {}) => {
  const output = new Output();
  term = openTerm(output as never, abilitiesOf({ TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env }));
  return output;
};
const shown = async (output: Output): Promise<string[]> => {
  await new Promise<void>((resolve) => output.write('', () => resolve()));
  await new Promise<void>((resolve) => output.xterm.write('', resolve));
  return Array.from({ length: HEIGHT }, (_, y) => output.xterm.buffer.active.getLine(y)!.translateToString(true));
};
const drawn = (...lines: string[]): Cells => {
  const cells = blankCells(WIDTH, HEIGHT);
  lines.forEach((line, y) => {
    put(cells, 0, y, line, plain);
    put(cells, WIDTH - 1, y, '│', plain);
  });
  return cells;
};

const strange = [
  '漢字 wide',
  'emoji 🎉 ok',
  'zwj 👨‍👩‍👧 x',
  'flag 🇩🇪 x',
  'combining e\u0301 x\u0302',
  'check ✔️ warn ⚠️ 1️⃣',
];

describe('the painter', () => {
  afterEach(() => term.destroy());

  it('keeps the right edge straight, whatever is written before it', async () => {
    const output = open();
    term.paint(drawn(...strange));
    for (const [y, row] of (await shown(output)).entries()) {
      expect(row.endsWith('│')).toBe(true);
      const cell = output.xterm.buffer.active.getLine(y)!.getCell(WIDTH - 1)!;
      expect(cell.getChars()).toBe('│');
    }
  });

  it('changes any strange line into any other as if it were drawn at once', async () => {
    const atOnce = new Map<string, string>();
    for (const text of strange) {
      const output = open();
      term.paint(drawn(text));
      atOnce.set(text, (await shown(output))[0]!);
      term.destroy();
    }
    const output = open();
    for (const from of strange) {
      for (const to of strange) {
        term.paint(drawn(from, to));
        term.paint(drawn(to, from));
        expect((await shown(output)).slice(0, 2)).toEqual([atOnce.get(to), atOnce.get(from)]);
      }
    }
  });

  it('writes nothing when nothing changed, and little when little did', async () => {
    const output = open();
    term.paint(drawn('hello'));
    const before = output.written.length;
    term.paint(drawn('hello'));
    expect(output.written).toHaveLength(before);
    term.paint(drawn('hellO'));
    expect(output.written.slice(before).join('').length).toBeLessThan(60);
  });

  it('writes colours of the palette, reduces them to sixteen, or leaves them out', async () => {
    const cells = drawn('x');
    put(cells, 0, 0, 'red', fg(196, flag.bold));
    const full = open();
    term.paint(cells);
    expect(full.written.join('')).toContain('38;5;196');
    term.destroy();
    const few = open({ TERM: 'linux' });
    term.paint(cells);
    expect(few.written.join('')).toContain('\x1b[1;91m');
  });

  it('gives back what it switched on, once, and writes no more after that', async () => {
    const output = open();
    term.paint(drawn('hello'));
    term.destroy();
    const text = output.written.join('');
    for (const mode of ['1049', '1000', '1006', '2004'])
      expect(text.lastIndexOf(`\x1b[?${mode}l`)).toBeGreaterThan(text.lastIndexOf(`\x1b[?${mode}h`));
    expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'));
    const count = output.written.length;
    term.destroy();
    term.paint(drawn('late'));
    expect(output.written).toHaveLength(count);
  });

  it('adds no listener to the process that stays', () => {
    const events = ['exit', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'uncaughtException'] as const;
    const count = () => events.map((event) => process.listenerCount(event));
    const before = count();
    open();
    term.destroy();
    expect(count()).toEqual(before);
  });
});
