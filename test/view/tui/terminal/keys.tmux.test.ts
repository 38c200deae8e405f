// Every key of the help, pressed in a real terminal: does what it says.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../../../src/view/tui/commands.ts';
import { tmux } from '../../../support/capability.ts';
import { type Fixture, makeFixture, openTerminal, type Terminal } from './tmux.ts';

interface Case {
  /** Keys that lead to where the command is tried. */
  readonly before?: readonly string[];
  /** A screen that shows `before` had its effect. */
  readonly ready?: RegExp;
  /** What the screen shows after the key, and what it no longer does. */
  readonly shows?: RegExp;
  readonly hides?: RegExp;
  /** What is asked for, after `after` was pressed as well. */
  readonly after?: readonly string[];
  readonly asks?: unknown;
}

const web = { before: ['j', 'j', 'j', 'j'], ready: /logs web/ };
const searched = ['a', '/', 'p', 'a', 'n', 'i', 'c', 'enter'];

const cases: Record<string, Case> = {
  down: { shows: /logs db/ },
  up: { before: ['j'], ready: /logs db/, shows: /logs codegen/ },
  'half-down': { shows: /logs admin/ },
  'half-up': { before: ['G'], ready: /logs mail/, shows: /logs web/ },
  'page-down': { shows: /logs mail/ },
  'page-up': { before: ['G'], ready: /logs mail/, shows: /logs codegen/ },
  first: { before: ['G'], ready: /logs mail/, shows: /logs codegen/ },
  last: { shows: /logs mail/ },
  left: { before: ['j', 'j', 'j'], ready: /logs frontend/, shows: /▸ frontend/, hides: /admin/ },
  right: { before: ['j', 'j', 'j', 'h'], ready: /▸ frontend/, shows: /▾ frontend[\s\S]*admin/ },
  switch: { shows: /tab table/ },
  open: { ...web, shows: /needed by|forwards|defined/, hides: /NAME/ },
  back: { before: [...web.before, 'enter'], ready: /forwards|defined/, shows: /NAME/ },
  trigger: { asks: { do: 'trigger', resource: 'codegen' } },
  force: { asks: { do: 'trigger', resource: 'codegen', force: true } },
  cancel: { ...web, asks: { do: 'cancel', resource: 'web' } },
  restart: { asks: { do: 'restart', resource: 'codegen' } },
  enable: { shows: /Disable codegen\?/, after: ['y'], asks: { do: 'disable', resource: 'codegen' } },
  mode: { asks: { do: 'mode', resource: 'codegen', mode: 'manual' } },
  endpoint: { before: ['j', 'j'], ready: /logs docs/, asks: { open: 'http://127.0.0.1:3000' } },
  edit: {
    before: ['j', 'j', 'j', 'j', 'j', 'j', 'j'],
    ready: /logs api/,
    asks: { edited: '+41 /home/ada/shop/api/main.go' },
  },
  clear: { shows: /Clear the logs of codegen\?/, after: ['y'], asks: { clear: 'codegen' } },
  mark: { shows: /1 marked/ },
  'mark-all': { shows: /8 marked/ },
  search: { shows: /a regular expression/ },
  next: { before: searched, ready: /\/panic\/ 1 of 8/, shows: /\/panic\/ 2 of 8/ },
  previous: { before: [...searched, 'n'], ready: /\/panic\/ 2 of 8/, shows: /\/panic\/ 1 of 8/ },
  error: { before: ['a'], ready: /logs all/, shows: /paused/ },
  follow: { before: ['a'], ready: /logs all/, shows: /paused/, hides: /following/ },
  all: { shows: /logs all/ },
  source: { shows: /logs codegen · build/ },
  level: { shows: /logs codegen · info and up/ },
  pod: { ...web, shows: /logs of one pod[\s\S]*web-6c9f7d8b54-2xkqp/ },
  container: { ...web, shows: /logs of one container[\s\S]*main/ },
  times: { before: ['a'], ready: /logs all/, shows: /09:59:\d\d worker/ },
  wrap: { before: ['a'], ready: /logs all/, shows: /LIMIT 50/ },
  copy: { before: ['a'], ready: /logs all/, shows: /copy: mark lines/ },
  palette: { shows: /do what\?/ },
  problems: { shows: /problems \(2\)/ },
  zoom: { shows: /logs codegen/, hides: /NAME/ },
  grow: { hides: /mail/ },
  shrink: { before: ['+'], ready: /1–8 of 10/, shows: /mail/ },
  bell: { shows: /bell off/ },
  mouse: { shows: /mouse off/ },
  help: { shows: /Moving about/ },
  quit: { asks: { closed: 'quit' } },
};
/** These have tests of their own. */
const elsewhere = ['redraw', 'suspend'];

describe.skipIf(!tmux)('keys in a terminal', () => {
  let fixture: Fixture;
  let terminal: Terminal;
  beforeAll(async () => {
    fixture = await makeFixture();
    terminal = await openTerminal(fixture, 100, 30);
  });
  afterAll(async () => {
    await terminal?.close();
    fixture?.remove();
  });

  it('has a case for every command', () => {
    expect([...Object.keys(cases), ...elsewhere].sort()).toEqual(commands.map((command) => command.id).sort());
  });

  const all = commands.flatMap((command) =>
    cases[command.id] ? command.keys.map((key) => [key, command] as const) : [],
  );
  it.each(all.map(([key, command]) => [key, command.title, command.id] as const))('%s: %s', async (key, _title, id) => {
    const { before = [], ready, shows, hides, after = [], asks } = cases[id]!;
    await terminal.restart();
    await terminal.press(...before);
    if (ready) await terminal.until((screen) => ready.test(screen), 'never got there');
    await terminal.press(key);
    await terminal.until(
      (screen) => (shows?.test(screen) ?? true) && !(hides?.test(screen) ?? false),
      `${key} did not show ${shows}`,
    );
    await terminal.press(...after);
    if (asks) await terminal.untilAsked(asks);
  });

  it('ctrl+l draws over what another program left on the screen', async () => {
    await terminal.restart();
    const tty = await terminal.ask('#{pane_tty}');
    writeFileSync(tty, '\x1b[15;5HGARBAGE');
    await terminal.until((screen) => screen.includes('GARBAGE'), 'nothing was spoilt');
    await terminal.press('ctrl+l');
    await terminal.until((screen) => !screen.includes('GARBAGE') && screen.includes('NAME'), 'still spoilt');
  });
});
