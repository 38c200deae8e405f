// Patterns of variables in Dockerfiles, beside the expressions they stand for, and in a time that no pattern can stretch.
import { describe, expect, it } from 'vitest';
import { replaced, shellPattern, withoutPrefix, withoutSuffix } from '../../../src/model/dockerfile/shell-pattern.ts';

const texts = ['', 'a', 'ab', 'aab', 'abab', 'a/b/c.tar.gz', 'v1.2.3', '🎉a🎉b', 'aaaa', 'xay', '*a?'];
const patterns = [
  '',
  'a',
  '*',
  '?',
  'a*',
  '*a',
  '*a*',
  'a?',
  '*/',
  '*.',
  '.*',
  '?*',
  '*?',
  '**',
  'a*b',
  '*a*b',
  '\\*',
  '\\?',
  'b*b',
  '🎉*',
];

/** The pattern as an expression, and what JavaScript makes of it by trying each cut. */
const expression = (pattern: string): string =>
  pattern.replace(/\*+|\\[\s\S]|[\s\S]/gu, (char) =>
    char.startsWith('*')
      ? '[\\s\\S]*'
      : char === '?'
        ? '[\\s\\S]'
        : `\\u{${char
            .replace(/^\\(?=.)/u, '')
            .codePointAt(0)
            ?.toString(16)}}`,
  );
function cut(text: string, pattern: string, isSuffix: boolean, isLongest: boolean): string {
  const whole = new RegExp(`^(?:${expression(pattern)})$`, 'u');
  const chars = Array.from(text);
  const lengths = Array.from({ length: chars.length + 1 }, (_, i) => (isLongest ? chars.length - i : i));
  for (const length of lengths) {
    const part = isSuffix ? chars.slice(chars.length - length) : chars.slice(0, length);
    const rest = isSuffix ? chars.slice(0, chars.length - length) : chars.slice(length);
    if (whole.test(part.join(''))) return rest.join('');
  }
  return text;
}

describe.each(patterns)('the pattern %j', (pattern) => {
  it.each(texts)('takes off %j what the expression does', (text) => {
    for (const longest of [false, true]) {
      expect(withoutPrefix(text, shellPattern(pattern), longest), `#${longest}`).toBe(
        cut(text, pattern, false, longest),
      );
      expect(withoutSuffix(text, shellPattern(pattern), longest), `%${longest}`).toBe(
        cut(text, pattern, true, longest),
      );
    }
  });

  it.each(texts)('replaces in %j what the expression does', (text) => {
    const once = text.replace(new RegExp(expression(pattern), 'u'), '-');
    expect(replaced(text, shellPattern(pattern), '-', false)).toBe(once);
  });
});

it.each([
  ['abc', '*', 'x'],
  ['abc', '', 'xaxbxcx'],
  ['abab', 'a', 'xbxb'],
  ['a.b.c', '.', 'axbxc'],
  ['aXbXc', 'X*', 'ax'],
])('all of %j that match %j become x, as Go does it', (text, pattern, wanted) => {
  expect(replaced(text, shellPattern(pattern), 'x', true)).toBe(wanted);
});

it('refuses the escapes that BuildKit refuses', () => {
  expect(() => shellPattern('a\\b')).toThrow(SyntaxError);
});

it('costs what the text and the pattern are long', () => {
  const before = process.cpuUsage();
  const text = 'a'.repeat(20_000);
  const pattern = shellPattern(`${'*a'.repeat(200)}*b`);
  for (const longest of [false, true]) {
    expect(withoutPrefix(text, pattern, longest)).toBe(text);
    expect(withoutSuffix(text, pattern, longest)).toBe(text);
  }
  expect(replaced(text, pattern, '', true)).toBe(text);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
});
