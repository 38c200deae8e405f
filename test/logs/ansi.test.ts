import { expect, test } from 'vitest';
import { onlyColours, withoutColours } from '../../src/logs/lines/ansi.ts';

test.each([
  ['text without controls', 'plain ü text\twith tab', 'plain ü text\twith tab'],
  ['colours', '\x1b[1;31mred\x1b[0m \x1b[38:5:4mx\x1b[m', '\x1b[1;31mred\x1b[0m \x1b[38:5:4mx\x1b[m'],
  ['cursor moves and erasing', 'a\x1b[2K\x1b[1A\x1b[10;5Hb', 'ab'],
  ['private modes that end like a colour', '\x1b[?25lx\x1b[>4;1my', 'xy'],
  ['titles and clipboards', '\x1b]0;evil\x07a\x1b]52;c;ZXZpbA==\x1b\\b', 'ab'],
  ['links, whose text stays', 'see \x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\.', 'see here.'],
  ['device control strings', '\x1bPq#0;2;0\x1b\\after', 'after'],
  ['an unfinished title, which hides nothing', 'a\x1b]0;rest of the line', 'a0;rest of the line'],
  ['an unfinished sequence at the end', 'a\x1b[31', 'a'],
  ['eight-bit introducers', 'a\x9b2Jb\x9d0;t\x9cc', 'abc'],
  ['bell, backspace, NUL, form feed and delete', 'a\x07b\x08c\x00d\x0ce\x7ff', 'abcdef'],
  ['a lone escape', 'a\x1bcb\x1b', 'ab'],
])('of control sequences only colours stay: %s', (_what, line, shown) => {
  expect(onlyColours(line)).toBe(shown);
});

test('a line full of unfinished sequences is read in linear time', () => {
  const hostile = '\x1b]'.repeat(1_000_000);
  expect(onlyColours(hostile)).toBe('');
});

test('colours can be taken off', () => {
  expect(withoutColours('\x1b[1;31mred\x1b[0m')).toBe('red');
});
