import { expect, test } from 'vitest';
import { joined, linePattern } from '../../src/logs/pattern.ts';

const texts = ['alpha', '', 'beta gamma', 'gamma', 'x alpha', 'tail\tend', 'Σigma λ', 'a.b*c'];

test.each([
  /a/,
  /^a/,
  /a$/,
  /^$/,
  /gam+a/,
  /b.*a/,
  /[a-c]eta/,
  /ALPHA/i,
  /\bgamma\b/,
  /(alpha|tail)/,
  /[^a]+/,
  /\s/,
  /\S+\s\S+/,
  /(?!a)l/,
  /a?/,
  /\W/,
  /λ/u,
  /a.b/,
  /a\.b\*/,
  /^alpha$/m,
  /x alpha/g,
  /alpha/y,
  /l{2,}/,
  /[\w.]+\*/,
  /(?<=x )a/,
  /[ -~]+z/,
  /end.alpha/s,
  /a\nb/,
  /\x09/,
])('many lines at once give what each line alone gives: %s', (regex) => {
  const alone = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''));
  const expected = texts.flatMap((text, i) => (alone.test(text) ? [i] : []));
  expect(linePattern(regex).matches(joined(texts))).toEqual(expected);
});

test('a pattern that backtracks without end is stopped, and says why', () => {
  const pattern = linePattern(/(a+)+$/);
  expect(() => pattern.matches(joined([`${'a'.repeat(5_000)}b`]))).toThrowError(/takes more than/);
  expect(() => pattern.matches(joined(['harmless']))).toThrowError(/takes more than/);
});

test.each([/(a|a|aa)+$/, /a*a*a*a*a*c/, /(a?){60}a{60}c/])('so is %s', (regex) => {
  expect(() => linePattern(regex).matches(joined([`${'a'.repeat(900)}b`]))).toThrowError(/takes more than/);
});

test('one repetition on a very long line may take its time without being taken for endless', () => {
  expect(linePattern(/x+y/).matches(joined([`${'x'.repeat(3_000)}y`, 'short']))).toEqual([0]);
});
