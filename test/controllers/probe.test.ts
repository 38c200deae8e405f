// What an exec probe says is known: both its streams, its exit code, bounded, without secrets and escape sequences.
import { tmpdir } from 'node:os';
import { lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { createProc } from '../../src/adapters/proc/proc.ts';
import { asked } from '../../src/controllers/probe.ts';
import { limits } from '../../src/model/limits.ts';
import type { Ports } from '../../src/model/ports.ts';
import { local } from '../engine/world.ts';
import { memoryLogs } from '../support/ports.ts';

async function answer(cmd: string, timeoutMs = 10_000) {
  const logs = memoryLogs();
  logs.hide([{ name: 'db', key: 'password', value: 'hunter2-hunter2' }]);
  const ports = { proc: createProc(), logs } as unknown as Ports;
  const probe = { is: 'exec' as const, cmd, everyMs: 1_000, timeoutMs, failures: 3 };
  return lastValueFrom(asked(probe, local('web', { dir: tmpdir() }), ports));
}

it.each([
  ['stderr', 'echo why it is not ready >&2; exit 1', 'its probe ended with exit code 1: why it is not ready'],
  ['stdout', 'echo why; exit 7', 'its probe ended with exit code 7: why'],
  ['nothing', 'exit 2', 'its probe ended with exit code 2'],
  [
    'the line that matters of several',
    'echo trying; echo "ERROR: no disk"; echo bye; exit 1',
    'its probe ended with exit code 1: ERROR: no disk',
  ],
  ['no line end', 'printf why; exit 1', 'its probe ended with exit code 1: why'],
  [
    'colours and what moves the cursor',
    String.raw`printf '\033[31mred\033[0m\033[2J'; exit 1`,
    'its probe ended with exit code 1: red',
  ],
  [
    'a secret',
    'echo login with hunter2-hunter2 failed; exit 1',
    'its probe ended with exit code 1: login with [redacted db:password] failed',
  ],
  ['another alphabet', "printf 'не готов: база'; exit 1", 'its probe ended with exit code 1: не готов: база'],
])('%s', async (_name, cmd, error) => expect(await answer(cmd)).toMatchObject({ ok: false, error }));

it('all its lines are there, the last ones of many', async () => {
  expect((await answer('echo a; echo b >&2; sleep 0.2; echo c; exit 1')).said.toSorted()).toEqual(['a', 'b', 'c']);
  const { said } = await answer('i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done; exit 1');
  expect(said).toHaveLength(limits.problemLogLines);
  expect(said.at(-1)).toBe('line 3000');
});

it('one that hangs is stopped, and what it said until then is known', async () => {
  const { ok, error } = await answer('echo waiting for the lock; sleep 60', 500);
  expect([ok, error]).toEqual([false, 'its probe timed out: waiting for the lock']);
});

it('one that succeeds is no problem, whatever it prints', async () => {
  expect(await answer('echo "ERROR: none really"')).toMatchObject({ ok: true });
});
