// Unified diffs, held against what diff(1) prints.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lineDiff } from '../../../src/model/text/line-diff.ts';
import { tempProject } from '../../support/temp.ts';

const lines = (...texts: readonly (string | number)[]): string => texts.map((text) => `${text}\n`).join('');
const upTo = (count: number, change: (i: number) => readonly (string | number)[] = (i) => [i]): string =>
  lines(...Array.from({ length: count }, (_, i) => change(i)).flat());

describe('a diff of lines', () => {
  it.each<[string, string, string]>([
    ['the same', upTo(5), upTo(5)],
    ['nothing before', '', upTo(3)],
    ['nothing after', upTo(3), ''],
    ['one line in the middle', upTo(20), upTo(20, (i) => (i === 10 ? ['x'] : [i]))],
    ['two places far apart', upTo(40), upTo(40, (i) => (i === 5 || i === 30 ? [] : [i]))],
    ['two places near each other', upTo(20), upTo(20, (i) => (i === 5 || i === 9 ? [i, 'new'] : [i]))],
    ['the first and the last line', upTo(10), upTo(10, (i) => (i === 0 || i === 9 ? ['x'] : [i]))],
  ])('of %s is that of diff -u', (_, before, after) => {
    const dir = tempProject();
    writeFileSync(join(dir, 'a'), before);
    writeFileSync(join(dir, 'b'), after);
    const expected = diff(join(dir, 'a'), join(dir, 'b'));
    // A count of one is left out there.
    expect(lineDiff(before, after).replace(/^(@@.*?),1 (\+.*?),1 @@/gm, '$1 $2 @@')).toBe(expected);
  });

  it('of what is too large to be compared says all of it', () => {
    const [before, after] = [upTo(3_000, (i) => [`a${i}`]), upTo(3_000, (i) => [`b${i}`])];
    expect(lineDiff(before, after).split('\n').length).toBe(6_002);
  });
});

function diff(a: string, b: string): string {
  try {
    return execFileSync('diff', ['-u', a, b], { encoding: 'utf8' });
  } catch (error) {
    const { stdout } = error as { stdout: string };
    return stdout.split('\n').slice(2).join('\n');
  }
}
