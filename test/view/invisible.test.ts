// What cannot be seen does not get to a terminal or a report, whatever brought it: logs, names, paths, problems.
import { describe, expect, it } from 'vitest';
import { onlyColours } from '../../src/logs/lines/ansi.ts';
import { invisible, spelled } from '../../src/model/text/invisible.ts';
import { complaint, printable } from '../../src/session/end/complaint.ts';
import { ciReport, githubAnnotations } from '../../src/view/ci-report.ts';
import { junit } from '../../src/view/junit.ts';
import { columnsOf } from '../../src/view/tui/paint/columns.ts';
import { visible } from '../../src/view/wording.ts';
import { shop } from './tui/states.ts';

const ranges: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe007f],
  [0xe0100, 0xe01ef],
];
const all = ranges.flatMap(([from, to]) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)),
);
const hostile = `a${all.join('b')}c`;

const problem = { kind: 'yours' as const, code: 'S103', what: hostile, hint: hostile, logTail: [hostile] };
const at = { file: `/x/${hostile.replaceAll('\0', '')}`, line: 1, column: 1 };
const web = { ...shop.resources.web!, name: hostile, update: { status: 'failed', why: [], problem } } as const;
const state = { ...shop, order: [hostile], resources: { [hostile]: web } };
const verdict = { ok: false, exitCode: 3, problems: [{ ...problem, at }] };

describe('what cannot be seen', () => {
  it.each([
    ['a log line', onlyColours(hostile)],
    ['a name', visible(hostile)],
    ['a message', printable(hostile)],
    ['a complaint', complaint({ ...problem, at })],
    ['the table of ci', ciReport(state, verdict)],
    ['annotations', githubAnnotations([{ ...problem, at }])],
    ['JUnit', junit(state, verdict)],
    ['the full screen', columnsOf(hostile).join('')],
  ])('is not in %s', (_, text) => {
    expect(invisible.exec(text.replaceAll('\n', ''))).toBeNull();
    expect(text).toContain('a');
  });

  it('is spelled in names, so that two that look alike do not', () => {
    expect(spelled('pay\u202elap')).toBe('pay\\u202elap');
    expect(spelled('a\u{e0041}\x1b')).toBe('a\\u{e0041}\\x1b');
    expect(new Set(all.map((char) => visible(`a${char}b`))).size).toBe(all.length);
  });

  it('is nothing that people write', () => {
    const text = 'naïve Σίγμα кириллица 日本語 한국어 עברית العربية हिन्दी 👩🏽 ❤️ 👩‍👩‍👧 👩🏽‍🚀 ❤️‍🔥 é — “x” ½\ttab';
    expect(spelled(text)).toBe(text);
    expect(onlyColours(text)).toBe(text);
  });
});
