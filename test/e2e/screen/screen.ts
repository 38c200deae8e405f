// A real session in a real terminal: a shell in a tmux of its own, the keys a user would press, the screen read back.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { eventually } from '../../support/facts.ts';
import { environment, program, runtimeDir } from '../../support/sluice.ts';
import { tmuxKey } from '../../view/tui/terminal/tmux.ts';

const run = promisify(execFile);
const DEADLINE_MS = 30_000;
let servers = 0;

export interface Screen {
  /** Keys as the view names them, one after the other. */
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  text(): Promise<string>;
  /** Waits until the screen passes; a string or pattern stands for "shows it". Fails with the last screen. */
  until(passes: string | RegExp | ((screen: string) => boolean), deadlineMs?: number): Promise<string>;
  /** Goes to `resource` by the palette, from wherever the selection is: its logs are shown. */
  select(resource: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** The shell's environment: a command run with it finds the session. */
  readonly env: Readonly<Record<string, string>>;
  /** How `sluice` is called in that shell. */
  readonly program: string;
  /** A format of tmux, as `#{alternate_on}`. */
  ask(format: string): Promise<string>;
}

const passing = (passes: string | RegExp | ((screen: string) => boolean)) =>
  typeof passes === 'function'
    ? passes
    : (screen: string) => (typeof passes === 'string' ? screen.includes(passes) : passes.test(screen));

/** Types `sluice ARGS` at the prompt of a shell in `dir`. Everything is gone when the test ends. */
export async function openScreen(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  [width, height]: readonly [number, number] = [120, 40],
): Promise<Screen> {
  const server = `sluice-e2e-${process.pid}-${++servers}`;
  const runtime = runtimeDir();
  const tmux = async (...words: string[]) =>
    (await run('tmux', ['-L', server, '-f', '/dev/null', '-u', ...words], { env: shellEnv })).stdout;
  const shellEnv = {
    ...environment({ XDG_RUNTIME_DIR: runtime, NO_COLOR: undefined, ...env }),
    LANG: 'C.UTF-8',
    TMUX_TMPDIR: runtime,
  };
  const size = ['-x', String(width), '-y', String(height)];
  await tmux('new-session', '-d', ...size, '-c', dir, "exec env PS1='shell> ' bash --norc --noprofile -i");
  const shell = Number(await tmux('display-message', '-p', '#{pane_pid}'));
  onTestFinished(async () => {
    for (const child of childrenOf(shell)) process.kill(child, 'SIGTERM');
    await eventually(() => (childrenOf(shell).length === 0 ? true : null), 'the session ends', 20_000).catch(() => {});
    await tmux('kill-server').catch(() => '');
  });
  const screen: Screen = {
    env: { ...env, XDG_RUNTIME_DIR: runtime },
    program: `${process.execPath} ${program}`,
    async press(...keys) {
      for (const key of keys) await tmux('send-keys', tmuxKey(key));
    },
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    text: async () => (await tmux('capture-pane', '-p')).replaceAll(/ +$/gm, ''),
    async until(passes, deadlineMs = DEADLINE_MS) {
      let last = '';
      return eventually(
        async () => {
          last = await screen.text();
          return passing(passes)(last) ? last : null;
        },
        `the screen shows ${String(passes)}`,
        deadlineMs,
      ).catch((error: Error) => {
        throw new Error(`${error.message}\n${last}`);
      });
    },
    async select(resource) {
      await screen.press(':');
      await screen.until('do what?');
      await screen.type(`go to ${resource}`);
      await screen.until(`› go to ${resource}`);
      await screen.press('enter');
      await screen.until(new RegExp(`^─ logs ${resource} `, 'm'));
    },
    resize: async (columns, rows) => void (await tmux('resize-window', '-x', String(columns), '-y', String(rows))),
    ask: async (format) => (await tmux('display-message', '-p', format)).trim(),
  };
  await screen.until('shell>');
  await screen.type(`${screen.program} ${args.join(' ')}\n`);
  return screen;
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Command lines of processes, the shell aside, that run below `dir`. */
export function processesIn(dir: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(dir)) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()];
      } catch {
        return [];
      }
    })
    .filter((line) => line !== '' && !line.startsWith('bash --norc') && !line.startsWith('tmux'));
}

/** After the end: the screen is the shell's again, echo is on, the cursor is there, nothing runs any more. */
export async function expectShell(screen: Screen, dir: string): Promise<void> {
  await screen.until((text) => text.trimEnd().endsWith('shell>'));
  const modes = await screen.ask('#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{keypad_flag}');
  if (modes !== '0 0 1 0') throw new Error(`the terminal was left as ${modes}`);
  await screen.type('clear; stty -a | tr " " "\\n" | grep -c -x -e echo -e icanon -e isig\n');
  await screen.until(/^3$/m);
  await eventually(() => (processesIn(dir).length === 0 ? true : null), `nothing runs in ${dir}`, 10_000);
}
