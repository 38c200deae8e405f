// Each cut falls between characters and says rightly how much is missing, whatever the alphabet.
import { describe, expect, it } from 'vitest';
import { lineAssembler } from '../../../src/logs/lines/assembler.ts';
import { limits } from '../../../src/model/limits.ts';
import { charactersOf, cutAt, shortened, shortenedInside } from '../../../src/model/text/cut.ts';
import { lineSplitter } from '../../../src/model/text/line-splitter.ts';
import { memoryLogs } from '../../support/ports.ts';

const alphabets: Readonly<Record<string, string>> = {
  latin: 'a',
  accents: 'é',
  'accents of two code points': 'e\u0301',
  chinese: '漢',
  emoji: '😀',
  flags: '🇩🇪',
  'a family': '👩\u200d👩\u200d👧\u200d👦',
  devanagari: 'क्षि',
};
const mark = / … \[(\d+) more characters?\]$/;

describe.each(Object.entries(alphabets))('%s', (_name, character) => {
  const points = [...character].length;

  it('is never cut inside', () => {
    for (let most = 0; most < 60; most++)
      for (const before of ['', 'x', 'xyz']) {
        const text = before + character.repeat(100);
        const at = cutAt(text, most);
        expect(at).toBeLessThanOrEqual(most);
        const shown = text.slice(Math.min(before.length, at), at);
        expect(shown.replaceAll(character, '')).toBe('');
      }
  });

  it('is counted in code points, in a text and by its bytes, in chunks of any size', () => {
    const count = 40_000;
    const line = character.repeat(count);
    expect(charactersOf(line)).toBe(count * points);
    const bytes = Buffer.from(`${line}\r\n`);
    for (const size of [1_021, bytes.length]) {
      const seen: [string, number][] = [];
      const splitter = lineSplitter(10_001, (text, missing) => seen.push([text.toString(), missing]));
      for (let from = 0; from < bytes.length; from += size) splitter.push(bytes.subarray(from, from + size));
      const [[shown, missing] = ['', 0]] = seen;
      expect(shown).not.toContain('\ufffd');
      expect(charactersOf(shown) + missing).toBe(count * points);
    }
  });

  it('of a long line in the log: what is shown and what is said to be missing make the line', async () => {
    const count = 60_000;
    const bytes = Buffer.from(`${character.repeat(count)}\r\n`);
    for (const size of [4_099, 65_536]) {
      const logs = memoryLogs();
      for (let from = 0; from < bytes.length; from += size)
        logs.write({ resource: 'web', source: 'runtime' }, bytes.subarray(from, from + size), 1);
      const [text = ''] = logs.tailText({ resources: ['web'] }, 1);
      const missing = Number(mark.exec(text)?.[1]);
      const shown = text.replace(mark, '');
      expect(charactersOf(shown) + missing).toBe(count * points);
      expect(shown.length).toBeLessThanOrEqual(limits.logLineBytes);
      expect(shown.replaceAll(character, '')).toBe('');
      await logs.close();
    }
  });
});

it('what a source has left out is counted with what is left out here', async () => {
  const logs = memoryLogs();
  logs.write({ resource: 'web', source: 'runtime' }, `${'x'.repeat(limits.logLineBytes + 5)}\n`, 1, 100);
  expect(logs.tailText({ resources: ['web'] }, 1)[0]).toMatch(/x … \[105 more characters\]$/);
  await logs.close();
});

it('a new state of a line that was too long is shown as it is', () => {
  const long = 'x'.repeat(100_000);
  for (const chunks of [[`${long}\r50%\n`], [`${long}\r`, '50%\n'], [long, '\r', '50%', '\n']]) {
    const assembler = lineAssembler();
    expect(chunks.flatMap((chunk) => assembler.add(chunk))).toEqual([{ text: '50%', cut: 0 }]);
  }
});

it('one mark for one missing character; nothing where nothing is missing', () => {
  expect(shortened('abc', 2)).toBe('ab … [1 more character]');
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortenedInside('abc', 3)).toBe('abc');
  expect(shortenedInside('0123456789', 4)).toBe('012 … [6 more] … 9');
});

it('marks piled up without end are cut between code points', () => {
  const zalgo = `a${'\u0301'.repeat(5_000)}`;
  expect(cutAt(zalgo, 1_000)).toBe(1_000);
  expect(cutAt(`a${'\u{1f3fb}'.repeat(5_000)}`, 1_000) % 2).toBe(1);
});
