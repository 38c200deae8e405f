// What the view does outside the terminal's screen: the editor, the clipboard, notifications, the title.
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { SourcePos } from '../../../model/problems/problem.ts';
import type { Abilities, Env } from '../terminal/terminal.ts';

/** Text that ends up inside an operating system command must not end it. */
const quiet = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ').slice(0, 200);

export const titleSequence = (text: string, abilities: Abilities): string =>
  abilities.osc ? `\x1b]2;${quiet(text)}\x07` : '';

/** A bell always; a desktop notification where the terminal knows OSC 9 (iTerm2, kitty, Windows Terminal, WezTerm). */
export function notifySequence(text: string, abilities: Abilities): string {
  if (!abilities.osc) return '\x07';
  const note = `\x1b]9;sluice: ${quiet(text)}\x07`;
  return abilities.tmux ? `\x07\x1bPtmux;${note.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : `\x07${note}`;
}

/** Terminals take some 100 kB; more is cut at a line end by who copies. */
export const clipboardBytes = 74_000;

/** Puts `text` on the clipboard: by OSC 52, which also works through SSH, and by tmux's own buffer inside tmux. */
export function copy(text: string, abilities: Abilities, say: (sequence: string) => void): void {
  if (abilities.tmux) {
    // tmux ignores OSC 52 of programs by default; `-w` has it set the outer clipboard.
    const tmux = spawn('tmux', ['load-buffer', '-w', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    tmux.on('error', () => {});
    tmux.stdin.on('error', () => {});
    tmux.stdin.end(text);
    return;
  }
  if (abilities.osc) say(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
}

const plusLine = new Set([
  'vi',
  'vim',
  'nvim',
  'view',
  'nano',
  'pico',
  'emacs',
  'emacsclient',
  'micro',
  'kak',
  'joe',
  'ne',
  'mg',
  'jed',
]);
const colonLine = new Set(['hx', 'helix', 'subl', 'zed', 'atom', 'mate']);
const gotoLine = new Set(['code', 'code-insiders', 'codium', 'cursor', 'windsurf']);

/** The user's editor as program and arguments for a place; never through a shell. Null when none is set. */
export function editorCommand(env: Env, at: SourcePos): readonly [string, ...string[]] | null {
  const [program, ...given] = (env.VISUAL || env.EDITOR || '').trim().split(/\s+/);
  if (!program) return null;
  const name = path.basename(program);
  const file = path.resolve(at.file);
  if (plusLine.has(name)) return [program, ...given, `+${at.line}`, file];
  if (colonLine.has(name)) return [program, ...given, `${file}:${at.line}:${at.column}`];
  if (gotoLine.has(name)) return [program, ...given, '--goto', `${file}:${at.line}:${at.column}`];
  return [program, ...given, file];
}

/** Runs the editor on this terminal; resolves with what went wrong, or null. */
export function edit(command: readonly [string, ...string[]]): Promise<string | null> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (error) => resolve(`cannot start ${program}: ${error.message}`));
    child.on('exit', (code) => resolve(code === 0 ? null : `${program} ended with ${code}`));
  });
}
