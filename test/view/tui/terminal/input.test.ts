import { describe, expect, it } from 'vitest';
import { type InputEvent, inputReader } from '../../../../src/view/tui/terminal/input.ts';

const read = (...chunks: string[]): InputEvent[] => {
  const reader = inputReader();
  return [...chunks.flatMap((chunk) => reader.read(Buffer.from(chunk))), ...reader.flush()];
};
const keys = (...chunks: string[]): string[] =>
  read(...chunks).map((event) => (event.is === 'key' ? event.key : event.is));

describe('input', () => {
  it.each([
    ['a', ['a']],
    ['A?', ['A', '?']],
    ['\r', ['enter']],
    ['\t', ['tab']],
    ['\x7f', ['backspace']],
    [' ', ['space']],
    ['\x03\x1a', ['ctrl+c', 'ctrl+z']],
    ['\x1b', ['esc']],
    ['\x1b\x1b', ['esc', 'esc']],
    ['\x1b[A\x1bOB', ['up', 'down']],
    ['\x1b[1;5C', ['ctrl+right']],
    ['\x1b[5~\x1b[6~', ['pgup', 'pgdown']],
    ['\x1b[H\x1b[4~', ['home', 'end']],
    ['\x1b[Z', ['shift+tab']],
    ['\x1bOP\x1b[[B\x1b[15~', ['f1', 'f2', 'f5']],
    ['\x1bx', ['alt+x']],
    ['é漢🎉', ['é', '漢', '🎉']],
    ['\x1b[?1;2c', []],
    ['\x1b[Ij', ['j']],
  ])('%j is %j', (bytes, expected) => {
    expect(keys(bytes)).toEqual(expected);
  });

  it('joins what came in pieces, wherever it was cut', () => {
    const whole = '\x1b[A\x1b[<0;10;5M\x1b[200~paste\x1b[201~é\x1b]11;rgb:ffff/ffff/ffff\x1b\\j';
    const bytes = Buffer.from(whole);
    const wanted = ['up', 'mouse', 'paste', 'é', 'background', 'j'];
    expect(keys(whole)).toEqual(wanted);
    for (let cut = 1; cut < bytes.length; cut++) {
      const reader = inputReader();
      const events = [...reader.read(bytes.subarray(0, cut)), ...reader.read(bytes.subarray(cut))];
      expect(events.map((event) => (event.is === 'key' ? event.key : event.is))).toEqual(wanted);
    }
  });

  it('takes a paste as one text, keys inside included', () => {
    expect(read('\x1b[200~q\x1b[A\r\x1b[201~')).toEqual([{ is: 'paste', text: 'q\x1b[A\r' }]);
  });

  it('cuts a paste without end, and still finds its end', () => {
    const reader = inputReader();
    reader.read(Buffer.from('\x1b[200~'));
    for (let i = 0; i < 100; i++) reader.read(Buffer.from('x'.repeat(1_000)));
    const events = [...reader.read(Buffer.from('\x1b[20')), ...reader.read(Buffer.from('1~j'))];
    expect(events.map((event) => event.is)).toEqual(['paste', 'key']);
    expect(events[0]).toMatchObject({ text: 'x'.repeat(4_096) });
  });

  it('reads presses, releases and the wheel, and leaves movements out', () => {
    expect(read('\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<2;1;1M\x1b[<35;9;9M')).toEqual([
      { is: 'mouse', what: 'press', button: 0, x: 2, y: 3 },
      { is: 'mouse', what: 'release', button: 0, x: 2, y: 3 },
      { is: 'mouse', what: 'up', button: 0, x: 0, y: 0 },
      { is: 'mouse', what: 'down', button: 1, x: 0, y: 0 },
      { is: 'mouse', what: 'press', button: 2, x: 0, y: 0 },
    ]);
  });

  it('learns the background', () => {
    expect(read('\x1b]11;rgb:1e1e/1e1e/1e1e\x07')).toEqual([{ is: 'background', light: false }]);
    expect(read('\x1b]11;rgb:fd/f6/e3\x1b\\')).toEqual([{ is: 'background', light: true }]);
  });
});
