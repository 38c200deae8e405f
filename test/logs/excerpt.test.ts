// What a failing program said last: the line that matters first, for the ways in which programs die.
import { describe, expect, it } from 'vitest';
import { excerpt } from '../../src/logs/lines/excerpt.ts';

const of = (text: string, most = 20) =>
  excerpt(
    text.split('\n').map((line) => ({ text: line })),
    most,
  );
const frames = (count: number, form: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => form(n)).join('\n');

describe('the line that matters comes first', () => {
  it.each([
    [
      'node',
      `listening\nError: no database\n${frames(40, (n) => `    at f${n} (file.js:1:1)`)}\n\nNode.js v20.1.0`,
      'Error: no database',
    ],
    [
      'node, with the source before it',
      `node:internal/modules/cjs/loader:1143\n  throw err;\n  ^\n\nError: Cannot find module 'x'\nRequire stack:\n- /a.js\n    at f (a.js:1:1)`,
      "Error: Cannot find module 'x'",
    ],
    [
      'python',
      `starting\nTraceback (most recent call last):\n${frames(30, (n) => `  File "a.py", line ${n}, in f\n    f()`)}\nValueError: no database`,
      'ValueError: no database',
    ],
    [
      'java',
      `INFO start\nException in thread "main" java.lang.RuntimeException: no database\n${frames(40, (n) => `\tat a.B.c(B.java:${n})`)}\nCaused by: java.net.ConnectException: refused\n\t... 12 more`,
      'Exception in thread "main" java.lang.RuntimeException: no database',
    ],
    [
      'go',
      `2024/01/01 start\npanic: no database\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:5 +0x1d\nexit status 2`,
      'panic: no database',
    ],
    [
      'json lines',
      `{"level":"info","msg":"a"}\n{"level":"error","msg":"no database"}\n{"level":"info","msg":"bye"}`,
      '{"level":"error","msg":"no database"}',
    ],
    [
      'tests in TAP',
      `TAP version 13\nok 1 - a\n# Subtest: shouts\nnot ok 2 - shouts\n  ---\n  error: |-\n    hello! is not HELLO!\n  ...\n1..2\n${frames(8, (n) => `# counter ${n}`)}`,
      'not ok 2 - shouts',
    ],
    ['several errors in a row', `info: a\nERROR: no database\nERROR: giving up`, 'ERROR: no database'],
  ])('%s', (_name, log, first) => expect(of(log)[0]).toBe(first));
});

it('the place that Node prints above an error comes right after it', () => {
  const at = 'file:///app/src/server.js:33\nconst = 1\n      ^\n\n';
  const log = `api listens\n${at}SyntaxError: Unexpected token '='\n${frames(9, (n) => `    at f${n} (node:internal:1)`)}\n\nNode.js v20.1.0`;
  expect(of(log, 7).slice(0, 3)).toEqual([
    "SyntaxError: Unexpected token '='",
    'file:///app/src/server.js:33',
    'const = 1',
  ]);
});

it('without an error it is the last lines', () => {
  expect(of('a\nb\nc', 2)).toEqual(['b', 'c']);
  expect(of('', 2)).toEqual(['']);
  expect(excerpt([], 5)).toEqual([]);
});

it('never more than asked for; what is left out is counted, and the end of the log is there', () => {
  const shown = of(`Error: boom\n${frames(100, (n) => `    at f${n}`)}`, 7);
  expect(shown).toEqual([
    'Error: boom',
    '    at f0',
    '    at f1',
    '… 95 more lines …',
    '    at f97',
    '    at f98',
    '    at f99',
  ]);
  for (const most of [0, 1, 2, 3, 20])
    expect(of(`Error: boom\n${frames(100, String)}`, most).length).toBeLessThanOrEqual(most);
});

it('an error of long ago does not push out how it ended', () => {
  const shown = of(`ERROR: a hiccup\n${frames(150, (n) => `line ${n}`)}\nKilled`, 10);
  expect([shown[0], shown.at(-1)]).toEqual(['ERROR: a hiccup', 'Killed']);
});
