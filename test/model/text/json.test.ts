import { expect, it, vi } from 'vitest';
import { isDeeper, jsonText, parseJson } from '../../../src/model/text/json.ts';

it('integers of 64 bits are read and written digit for digit, all else as JSON.parse and JSON.stringify do', () => {
  const text = '{"a":9007199254740993,"b":[-9223372036854775808,1],"c":{"d":[]},"e":null,"f":9007199254740991}';
  expect(parseJson(text)).toEqual({
    a: 9007199254740993n,
    b: [-9223372036854775808n, 1],
    c: { d: [] },
    e: null,
    f: 9007199254740991,
  });
  expect(jsonText(parseJson(text))).toBe(text);
  expect(jsonText({ a: undefined, b: [undefined, 1n] })).toBe('{"b":[null,1]}');
});

it('numbers are told from text, from keys, and from doubles', () => {
  const given = {
    'a"1234567890123456789': 'n1234567890123456789',
    '1234567890123456789': '"12345678901234567"',
    tail: 's\\',
    empty: '',
    line: '\u2028 1234567890123456789',
  };
  const text = `${JSON.stringify(given).slice(0, -1)} , "k" :\n1234567890123456789}`;
  expect(parseJson(text)).toEqual({ ...given, k: 1234567890123456789n });
  expect(parseJson('[1234567890123456.5,12345678901234567e3,0.12345678901234567890,12345678901234567890]')).toEqual([
    1234567890123456.5, 12345678901234567e3, 0.12345678901234568, 12345678901234567000,
  ]);
  expect(() => parseJson('[1234567890123456789')).toThrow(SyntaxError);
});

it.each([
  ['7001234567890123456', 7001234567890123456n],
  [' -7001234567890123456', -7001234567890123456n],
  ['[7001234567890123456]', [7001234567890123456n]],
  ['[ [1,\n -7001234567890123456] ]', [[1, -7001234567890123456n]]],
  ['{"a":7001234567890123456}', { a: 7001234567890123456n }],
  ['{"\\"" \t:\r\n7001234567890123456}', { '"': 7001234567890123456n }],
])('a long number is found wherever one can stand: %s', (text, value) => {
  expect(parseJson(text)).toEqual(value);
});

it.each([
  '3f4d689728d1045641a582f30da08f62479044912075495b',
  'sha256:7001234567890123456',
  '7001234567890123456',
  'x-7001234567890123456',
])('digits in a text are no number, and what holds nothing else is read once: %s', (text) => {
  const value = { [text]: [text, 1.5, { at: text }] };
  const read = vi.spyOn(JSON, 'parse');
  expect(parseJson(JSON.stringify(value))).toEqual(value);
  expect(read.mock.calls).toEqual([[JSON.stringify(value)]]);
  read.mockRestore();
});

it.each([
  ['[[[]]]', 3, false],
  ['[[[]]]', 2, true],
  ['{"a":[{"b":1}],"c":{}}', 3, false],
  ['["[[[[", "\\"[[[["]', 1, false],
  [`${'['.repeat(60_000)}`, 32, true],
  [`"${'\\"['.repeat(20_000)}`, 32, true],
])('how deep JSON nests is told from its text: %#', (text, most, isIt) => {
  expect(isDeeper(text, most)).toBe(isIt);
});
