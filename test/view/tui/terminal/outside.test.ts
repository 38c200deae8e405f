import { describe, expect, it } from 'vitest';
import { editorCommand, notifySequence, titleSequence } from '../../../../src/view/tui/outside/outside.ts';
import { abilitiesOf, shownAs } from '../../../../src/view/tui/terminal/terminal.ts';

const at = { file: '/p/a b.go', line: 7, column: 3 };

describe('the editor', () => {
  it.each([
    ['vim', ['vim', '+7', '/p/a b.go']],
    ['/usr/bin/nano -w', ['/usr/bin/nano', '-w', '+7', '/p/a b.go']],
    ['code --wait', ['code', '--wait', '--goto', '/p/a b.go:7:3']],
    ['hx', ['hx', '/p/a b.go:7:3']],
    ['ed', ['ed', '/p/a b.go']],
  ])('%s is called as it wants to be', (editor, command) => {
    expect(editorCommand({ EDITOR: editor }, at)).toEqual(command);
  });

  it('of $VISUAL goes before $EDITOR, and none is none', () => {
    expect(editorCommand({ EDITOR: 'vi', VISUAL: 'hx' }, at)?.[0]).toBe('hx');
    expect(editorCommand({}, at)).toBeNull();
  });
});

describe('what a terminal can do', () => {
  it.each([
    [{ TERM: 'xterm-256color', LANG: 'en_US.UTF-8' }, 256, true, true],
    [{ TERM: 'tmux-256color' }, 256, true, true],
    [{ TERM: 'xterm-kitty' }, 256, true, true],
    [{ TERM: 'linux' }, 16, false, false],
    [{ TERM: 'linux', LANG: 'C.UTF-8' }, 16, false, false],
    [{ TERM: 'xterm', LANG: 'C' }, 256, false, true],
    [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 0, true, true],
    [{ TERM: 'vt100' }, 0, true, true],
  ])('%j: %i colours', (env, depth, symbols, osc) => {
    expect(abilitiesOf(env)).toMatchObject({ depth, symbols, osc });
  });

  it('says dark or light where the terminal told', () => {
    expect(abilitiesOf({ COLORFGBG: '15;0' }).background).toBe('dark');
    expect(abilitiesOf({ COLORFGBG: '0;15' }).background).toBe('light');
    expect(abilitiesOf({}).background).toBe('unknown');
  });

  it('shows symbols by what the terminal has', () => {
    expect(shownAs('●', abilitiesOf({ TERM: 'linux', LANG: 'C.UTF-8' }))).toBe('*');
    expect(shownAs('é', abilitiesOf({ TERM: 'linux', LANG: 'C.UTF-8' }))).toBe('é');
    expect(shownAs('é', abilitiesOf({ TERM: 'xterm', LANG: 'C' }))).toBe('?');
    expect(shownAs('●', abilitiesOf({ TERM: 'xterm', LANG: 'C.UTF-8' }))).toBe('●');
  });
});

describe('what is said to the terminal', () => {
  const xterm = abilitiesOf({ TERM: 'xterm-256color' });
  it('cannot be ended by what is said', () => {
    expect(titleSequence('a\x07\x1b]52;c;x\x07b', xterm)).toBe('\x1b]2;a  ]52;c;x b\x07');
    expect(notifySequence('web\x07 failed', xterm)).toBe('\x07\x1b]9;sluice: web  failed\x07');
  });

  it('is a bell alone on the console, and passed on by tmux', () => {
    expect(notifySequence('x', abilitiesOf({ TERM: 'linux' }))).toBe('\x07');
    expect(notifySequence('x', abilitiesOf({ TERM: 'tmux-256color', TMUX: '1' }))).toBe(
      '\x07\x1bPtmux;\x1b\x1b]9;sluice: x\x07\x1b\\',
    );
  });
});
