import { expect, onTestFinished, test, vi } from 'vitest';
import { bounded, joined, linePattern } from '../../src/logs/pattern.ts';

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

test.each([/(a|a|aa)+$/, /a*a*a*a*a*c/, /(a?){60}a{60}c/, /a?a?a?a?a?a?a?a?a*c/, /(a*)\1\1c/])('so is %s', (regex) => {
  const lines = joined(Array.from({ length: 200 }, () => `${'a'.repeat(900)}b`));
  expect(() => linePattern(regex).matches(lines)).toThrowError(/takes more than/);
});

/** How much of the processor was used is told by hand. */
function processor(): { ms: number } {
  const used = { ms: 0 };
  const usage = vi.spyOn(process, 'cpuUsage');
  usage.mockImplementation((before) => ({ user: used.ms * 1_000 - (before?.user ?? 0), system: 0 }));
  onTestFinished(() => usage.mockRestore());
  return used;
}

test('one that takes nearly as long each time is given up as well', () => {
  let calls = 0;
  const used = processor();
  const slow = bounded((ms: number) => {
    calls++;
    used.ms += ms;
  }, 'it');
  for (const ms of [60, 60, 60, 60, 0, 60, 60, 60, 60, 60]) slow(ms);
  expect(() => slow(0)).toThrowError('it takes more than 250 ms');
  expect(calls).toBe(10);
});

/** Time goes by in which others have the processor. */
const pass = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('one that was not run for all the time it had is run again, up to four times', () => {
  let [calls, late] = [0, 2];
  const used = processor();
  const starved = bounded((text: string) => {
    calls++;
    if (late-- > 0) pass(300);
    return text.length;
  }, 'it');
  expect([starved('abc'), calls]).toEqual([3, 3]);
  late = 4;
  expect(() => starved('abc')).toThrowError('it takes more than 250 ms');
  expect([calls, used.ms]).toEqual([7, 0]);
});

test('one repetition on a very long line may take its time without being taken for endless', () => {
  expect(linePattern(/x+y/).matches(joined([`${'x'.repeat(3_000)}y`, 'short']))).toEqual([0]);
});

/** A small generator with a seed: what fails can be run again. */
function chance(seed: number): <T>(of: readonly T[]) => T {
  let state = seed;
  return (of) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return of[Math.floor((state / 2 ** 32) * of.length)]!;
  };
}

const letters = ['a', 'b', 'A', 'B', ' ', '-', 'é', 'λ', '😀', '\r', '\u2028', '\t'];
const atoms = [
  'a',
  'b',
  'ab',
  'B',
  ' ',
  '-',
  '.',
  '[ab]',
  '[^a]',
  '\\w',
  '\\b',
  '^',
  '$',
  'a+',
  'b*',
  '(ab|b)?',
  '\\s',
  'é',
  '\\.',
];
const flags = ['', '', 'i', 'g', 'u', 'm', 'iu', 'y'];

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'random lines and random patterns give the same at once and one by one, seed %i',
  (seed) => {
    const pick = chance(seed);
    const some = (of: readonly string[], most: number) =>
      Array.from({ length: pick(Array.from({ length: most + 1 }, (_, i) => i)) }, () => pick(of)).join('');
    const lines = Array.from({ length: 60 }, () => some(letters, 6));
    for (let i = 0; i < 50; i++) {
      const regex = new RegExp(some(atoms, 3), pick(flags));
      const alone = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''));
      const expected = lines.flatMap((text, at) => (alone.test(text) ? [at] : []));
      expect(linePattern(regex).matches(joined(lines)), String(regex)).toEqual(expected);
    }
  },
);
