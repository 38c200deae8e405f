// The fixture program in a real terminal: a tmux server of its own, keys sent, the screen read back.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);

export interface Fixture {
  readonly dir: string;
  readonly program: string;
  readonly editor: string;
  remove(): void;
}

/** Bundles the fixture program into a temporary folder, with an editor beside it that only says what it was given. */
export async function makeFixture(): Promise<Fixture> {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-tui-'));
  const program = path.join(dir, 'fixture.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'fixture.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['term.js', 'pty.js'],
    banner: { js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);" },
    logLevel: 'error',
  });
  const editor = path.join(dir, 'nano');
  writeFileSync(editor, '#!/bin/sh\necho "{\\"edited\\":\\"$*\\"}" >> "$ASKED"\n');
  chmodSync(editor, 0o755);
  return { dir, program, editor, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export interface Terminal {
  /** Keys as the view names them. */
  press(...keys: string[]): Promise<void>;
  /** Bytes as they are. */
  type(text: string): Promise<void>;
  screen(): Promise<string>;
  /** Waits for a screen that passes; fails with the last one. */
  until(passes: (screen: string) => boolean, what: string): Promise<string>;
  /** What the program asked for so far. */
  asked(): unknown[];
  untilAsked(expected: unknown): Promise<void>;
  /** A tmux format, as `#{pane_title}`. */
  ask(format: string): Promise<string>;
  command(...args: string[]): Promise<string>;
  /** Starts the program afresh in the same pane. */
  restart(env?: Record<string, string>): Promise<void>;
  /** Process id of the program. */
  pid(): Promise<number>;
  close(): Promise<void>;
}

const names: Record<string, string> = {
  enter: 'Enter',
  esc: 'Escape',
  tab: 'Tab',
  'shift+tab': 'BTab',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  home: 'Home',
  end: 'End',
  pgup: 'PageUp',
  pgdown: 'PageDown',
  space: 'Space',
  f1: 'F1',
};
/** A key of the view as tmux names it. */
export const tmuxKey = (key: string): string => names[key] ?? key.replace(/^ctrl\+/, 'C-');

const deadlineMs = 20_000;
let servers = 0;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function openTerminal(fixture: Fixture, width: number, height: number, shell = false): Promise<Terminal> {
  const server = `sluice-test-${process.pid}-${++servers}`;
  const askedFile = path.join(fixture.dir, `asked-${servers}`);
  const command = async (...args: string[]) =>
    (await run('tmux', ['-L', server, '-f', '/dev/null', '-u', ...args])).stdout;
  const env = {
    ASKED: askedFile,
    EDITOR: fixture.editor,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    VISUAL: '',
    PROBLEM_FILE: path.join(fixture.dir, 'some file'),
  };
  const line = (more: Record<string, string>) =>
    `exec env ${Object.entries({ ...env, ...more })
      .map(([key, value]) => `${key}='${value}'`)
      .join(' ')} ${process.execPath} ${fixture.program}`;
  const start = shell ? 'exec env PS1=shell\\> bash --norc --noprofile -i' : line({});
  await command(
    'new-session',
    '-d',
    '-x',
    String(width),
    '-y',
    String(height),
    start,
    ';',
    'set',
    '-g',
    'remain-on-exit',
    'on',
  );
  const screen = async () => (await command('capture-pane', '-p')).replaceAll(/ +$/gm, '');
  const poll = async <T>(read: () => T | Promise<T>, passes: (value: T) => boolean, what: string): Promise<T> => {
    const end = Date.now() + deadlineMs;
    for (;;) {
      const value = await read();
      if (passes(value)) return value;
      if (Date.now() > end)
        throw new Error(`${what}; last seen:\n${typeof value === 'string' ? value : JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const asked = () =>
    existsSync(askedFile)
      ? readFileSync(askedFile, 'utf8')
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((text) => JSON.parse(text))
      : [];
  const terminal: Terminal = {
    async press(...keys) {
      for (const key of keys) await command('send-keys', tmuxKey(key));
    },
    type: async (text) => void (await command('send-keys', '-l', text)),
    screen,
    until: (passes, what) => poll(screen, passes, what),
    asked,
    untilAsked: async (expected) => {
      await poll(
        asked,
        (all) => all.some((one) => JSON.stringify(one) === JSON.stringify(expected)),
        `never asked for ${JSON.stringify(expected)}`,
      );
    },
    ask: async (format) => (await command('display-message', '-p', format)).trim(),
    command,
    async restart(more = {}) {
      rmSync(askedFile, { force: true });
      await command('respawn-pane', '-k', line(more));
      await terminal.until((text) => text.includes('quit'), 'the view never came up');
    },
    pid: async () => Number(await command('display-message', '-p', '#{pane_pid}')),
    async close() {
      const pid = await terminal.pid();
      await command('kill-server');
      // The program notices that its terminal is gone; the test is over when it is.
      await poll(
        () => isAlive(pid),
        (alive) => !alive,
        'the program outlived its terminal',
      );
    },
  };
  if (shell) {
    await terminal.until((text) => text.includes('shell>'), 'no shell');
    await command('send-keys', '-l', line({}).replace('exec ', ''));
    await command('send-keys', 'Enter');
  }
  await terminal.until((text) => text.includes('quit'), 'the view never came up');
  return terminal;
}
