// The view and its terminal: frames equal the golden ones, the mouse works, and the terminal is given back whatever happens.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tmux } from '../../../support/capability.ts';
import { eventually } from '../../../support/facts.ts';
import { type Fixture, makeFixture, openTerminal, type Terminal } from './tmux.ts';

const golden = (name: string) => readFileSync(path.join(import.meta.dirname, '../../../frames', `${name}.txt`), 'utf8');
/** The header's last part is this machine's. */
const comparable = (screen: string) => screen.replace(/ +cpu \d+% +\d+M/, '').trimEnd();

describe.skipIf(!tmux)('in a terminal', () => {
  let fixture: Fixture;
  let terminal: Terminal;
  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => terminal.close());
  afterAll(() => fixture.remove());

  const click = (button: number, x: number, y: number) =>
    terminal.type(`\x1b[<${button};${x + 1};${y + 1}M\x1b[<${button};${x + 1};${y + 1}m`);
  const rowOf = (screen: string, text: string) => screen.split('\n').findIndex((line) => line.includes(text));

  it('shows exactly the golden frame, wide characters included', async () => {
    terminal = await openTerminal(fixture, 80, 24);
    await terminal.press('a', 'i', 'tab');
    const wanted = golden('logs-all-times.80x24').trimEnd();
    expect(comparable(await terminal.until((screen) => comparable(screen) === wanted, 'another frame'))).toBe(wanted);
  });

  it('draws anew at another size', async () => {
    terminal = await openTerminal(fixture, 160, 50);
    await terminal.command('resize-window', '-x', '60', '-y', '15');
    await terminal.until((screen) => comparable(screen) === golden('main.60x15').trimEnd(), 'not the small frame');
    await terminal.command('resize-window', '-x', '80', '-y', '24');
    await terminal.until((screen) => comparable(screen) === golden('main.80x24').trimEnd(), 'not the larger frame');
  });

  it('selects, folds, opens and scrolls by mouse', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    await click(0, 6, rowOf(await terminal.screen(), ' web '));
    await terminal.until((screen) => screen.includes('logs web'), 'a click selects');
    await click(0, 6, rowOf(await terminal.screen(), 'frontend'));
    await terminal.until((screen) => screen.includes('▸ frontend'), 'a click folds');
    const docs = (await terminal.screen()).split('\n').find((line) => line.includes('docs'))!;
    await click(0, docs.indexOf('127.0.0.1'), rowOf(await terminal.screen(), 'docs'));
    await terminal.untilAsked({ open: 'http://127.0.0.1:3000' });
    await terminal.type('\x1b[<65;5;3M');
    await terminal.until(
      (screen) => screen.includes('logs backend') || screen.includes('logs db'),
      'the wheel moves the selection',
    );
    await terminal.press('a');
    await terminal.until((screen) => screen.includes('logs all'), 'all logs');
    await terminal.type('\x1b[<64;5;20M');
    await terminal.until((screen) => screen.includes('paused'), 'the wheel scrolls the log');
    await click(2, 6, rowOf(await terminal.screen(), ' db '));
    await terminal.until(
      (screen) => screen.includes('─ db ─') && screen.includes('update now'),
      'a right click opens the menu',
    );
    await click(0, 20, rowOf(await terminal.screen(), 'update now'));
    await terminal.untilAsked({ do: 'trigger', resource: 'db' });
    const footer = (await terminal.screen()).trimEnd().split('\n').at(-1)!;
    await click(0, footer.indexOf('? help'), 29);
    await terminal.until((screen) => screen.includes('Moving about'), 'a click on the footer does what it says');
  });

  it('a double click opens the details', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    const y = rowOf(await terminal.screen(), ' web ');
    await terminal.type(`\x1b[<0;7;${y + 1}M\x1b[<0;7;${y + 1}m\x1b[<0;7;${y + 1}M\x1b[<0;7;${y + 1}m`);
    await terminal.until((screen) => screen.includes('forwards') || screen.includes('defined'), 'no details');
  });

  it('takes a paste as text and never as keys', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    await terminal.command('set-buffer', 'qd');
    await terminal.command('paste-buffer', '-p');
    await terminal.press('/');
    await terminal.until((screen) => screen.includes('a regular expression'), 'the search field');
    await terminal.command('paste-buffer', '-p');
    await terminal.until((screen) => / \/qd/.test(screen), 'the pasted text');
    expect(terminal.asked()).toEqual([]);
  });

  it('copies lines into the buffer of tmux', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    await terminal.press('a');
    // What is to be copied is there before it is asked for.
    await terminal.until(
      (screen) => screen.includes('stay in line') && screen.includes('panic: no queue named'),
      'the lines',
    );
    await terminal.press('y');
    await terminal.until((screen) => screen.includes('copy: mark lines'), 'copy mode');
    await terminal.press('k', 'y');
    await terminal.until((screen) => screen.includes('copied 2 lines'), 'copied');
    const wanted = '漢字 and emoji 🎉 👨‍👩‍👧 flags 🇩🇪 e\u0301 stay in line │\npanic: no queue named "orders"';
    await eventually(async () => {
      expect(await terminal.command('show-buffer')).toBe(wanted);
      return true;
    }, 'the lines are in the buffer');
  });

  it('counts new lines while it stands still, and stays where it is', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    await terminal.press('a', 'f');
    const before = await terminal.until((screen) => screen.includes('paused'), 'paused');
    process.kill(await terminal.pid(), 'SIGUSR2');
    const after = await terminal.until((screen) => screen.includes('paused · 100 new lines'), 'no count');
    expect(after.split('\n').slice(15, 28)).toEqual(before.split('\n').slice(15, 28));
    await terminal.press('f');
    await terminal.until(
      (screen) => screen.includes('following') && screen.includes('added line 100'),
      'not at the end',
    );
  });

  /** What the screen shows and what else a terminal is told come one after the other. */
  const is = (format: string, wanted: string) =>
    eventually(async () => {
      const found = await terminal.ask(format);
      if (found !== wanted) throw new Error(`${format} is ${found}`);
      return found;
    }, `${format} is ${wanted}`);

  it('says in the title and by the bell what changed', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    await is('#{pane_title}', 'sluice shop: 2 failed, 1 busy, 2 ok');
    process.kill(await terminal.pid(), 'SIGUSR1');
    await terminal.until((screen) => screen.includes('npm ci ended with 1'), 'the failure');
    await is('#{pane_title}', 'sluice shop: 3 failed, 2 ok');
  });

  it('shows a broken configuration, no resources, and three hundred', async () => {
    terminal = await openTerminal(fixture, 100, 30);
    const next = async (shows: string) => {
      process.kill(await terminal.pid(), 'SIGUSR1');
      await terminal.until((screen) => screen.includes(shows), `no ${shows}`);
    };
    await next('npm ci ended with 1');
    await next('image in 8.0s');
    await next('unknown key "imges"');
    await next('no resources yet');
    await next('service-000');
  });

  it('goes to the shell and comes back', async () => {
    terminal = await openTerminal(fixture, 100, 30, true);
    await terminal.press('ctrl+z');
    await terminal.until((screen) => screen.includes('Stopped'), 'not stopped');
    await is('#{alternate_on} #{mouse_any_flag} #{cursor_flag}', '0 0 1');
    await terminal.press('f', 'g', 'enter');
    await terminal.until((screen) => screen.includes('NAME') && screen.includes('quit'), 'not back');
    await terminal.press('j');
    await terminal.until((screen) => screen.includes('logs db'), 'keys work again');
    await terminal.press('q');
    await terminal.until((screen) => screen.trimEnd().endsWith('shell>'), 'the shell again');
  });

  const endings: readonly (readonly [string, (pid: number) => Promise<void>])[] = [
    ['q', () => terminal.press('q')],
    ['Ctrl-C', () => terminal.press('ctrl+c')],
    ['SIGTERM', async (pid) => void process.kill(pid, 'SIGTERM')],
    ['SIGHUP', async (pid) => void process.kill(pid, 'SIGHUP')],
    ['SIGINT', async (pid) => void process.kill(pid, 'SIGINT')],
    ['an uncaught error', async (pid) => void process.kill(pid, 'SIGPIPE')],
  ];
  it.each(endings)('restores the terminal after %s', async (_how, end) => {
    terminal = await openTerminal(fixture, 100, 30, true);
    const shell = await terminal.pid();
    const child = Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')[0]);
    await end(child);
    await terminal.until((screen) => screen.trimEnd().endsWith('shell>'), 'no shell');
    await is('#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{keypad_flag}', '0 0 1 0');
    await terminal.type('stty -a | grep -o " .\\?icanon\\| .\\?echo "\n');
    await terminal.until(
      (screen) =>
        / icanon/.test(screen) && / echo\b/.test(screen) && !/-icanon|-echo\b/.test(screen.split('stty').at(-1)!),
      'not cooked',
    );
  });
});
