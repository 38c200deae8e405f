import { expect, test } from 'vitest';
import { lineAssembler } from '../../src/logs/lines/assembler.ts';
import { limits } from '../../src/model/limits.ts';

const linesOf = (...chunks: (string | Uint8Array)[]): string[] => {
  const assembler = lineAssembler();
  const lines = chunks.flatMap((chunk) => assembler.add(chunk));
  const last = assembler.flush();
  return [...lines, ...(last ? [last] : [])].map(({ text }) => text);
};

test('lines split over chunks are put together, whatever the cut', () => {
  const whole = Buffer.from('eins\nzwölf €\r\n\n😀 drei');
  for (let cut = 0; cut <= whole.length; cut++)
    expect(linesOf(whole.subarray(0, cut), whole.subarray(cut))).toEqual(['eins', 'zwölf €', '', '😀 drei']);
});

test('invalid UTF-8 becomes U+FFFD', () => {
  expect(linesOf(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82]))).toEqual(['a\ufffdb', '\ufffd']);
});

test('progress on one line folds to its last state', () => {
  expect(linesOf('10%\r', '20%\r', '30%\r', '\n', 'next\n')).toEqual(['30%', 'next']);
  expect(linesOf('10%\r20%\r\n')).toEqual(['20%']);
});

test('a line without end is bounded and its loss counted', () => {
  const assembler = lineAssembler();
  for (let i = 0; i < 100; i++) assembler.add('x'.repeat(10_000));
  const [line] = assembler.add('\n');
  expect(line?.text.length).toBeLessThanOrEqual(limits.logLineBytes + 4_096);
  expect((line?.text.length ?? 0) + (line?.cut ?? 0)).toBe(1_000_000);
});

test('endless progress without a line feed stays bounded and keeps its last state', () => {
  const assembler = lineAssembler();
  for (let i = 0; i < 20_000; i++) assembler.add(`step ${i}\r`);
  expect(assembler.flush()).toEqual({ text: 'step 19999', cut: 0 });
});
