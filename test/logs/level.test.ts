import { expect, test } from 'vitest';
import { levelOf } from '../../src/logs/lines/level.ts';

test.each([
  ['error', '{"level":"error","msg":"x"}'],
  ['error', '{"severity": "CRITICAL", "message":"x"}'],
  ['error', '{"level":50,"time":1,"msg":"x"}'],
  ['warn', '{"ts":1,"level":"WARN"}'],
  ['debug', '{"level":20}'],
  ['info', '{"level":"info","msg":"an ERROR is quoted"}'],
  ['warn', 'time=2024-01-02 level=warning msg="x"'],
  ['error', 'E0102 15:04:05.000000       1 main.go:12] x'],
  ['warn', 'W0102 15:04:05.000000       1 main.go:12] x'],
  ['info', 'I0102 15:04:05.000000       1 main.go:12] error syncing'],
  ['error', 'npm ERR! code ELIFECYCLE'],
  ['error', '2024-01-02T03:04:05Z ERROR connection refused'],
  ['warn', '[WARN] deprecated'],
  ['error', '2024/01/02 03:04:05 [error] 7#7: *1 open() failed'],
  ['error', 'error: cannot find module'],
  ['error', 'error[E0308]: mismatched types'],
  ['warn', 'warning: unused variable'],
  ['error', 'panic: runtime error: index out of range'],
  ['error', 'Traceback (most recent call last):'],
  ['error', "thread 'main' panicked at src/main.rs:2:5"],
  ['error', 'TypeError: x is not a function'],
  ['error', 'java.lang.IllegalStateException: x'],
  ['error', 'Exception in thread "main" java.lang.Error'],
  ['info', 'listening on 8080'],
  ['info', 'no errors found, 0 warnings'],
  ['info', 'GET /errors/warning 200'],
  ['info', 'an error occurred in the past'],
])('%s is the level of: %s', (level, line) => {
  expect(levelOf(line)).toBe(level);
});
