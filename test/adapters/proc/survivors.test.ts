// What a killed session has left is known for certain, or left alone.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createProc } from '../../../src/adapters/proc/proc.ts';
import { processOf } from '../../../src/adapters/proc/process-table.ts';
import { endSurvivors, isAlive, thisMachine, tracesIn } from '../../../src/adapters/proc/survivors.ts';
import { eventually, processesWith } from '../../support/facts.ts';
import { tempProject } from '../../support/temp.ts';

const never = new AbortController().signal;

/** Seconds of a `sleep` that nobody else sleeps: its command line is found by them. */
const unique = (): string => `${1_000_000 + Math.floor(Math.random() * 1_000_000_000)}`;

/** Commands that run, and what is noted of them; killed when the test ends. */
async function started(cmds: readonly string[], isThere: () => boolean) {
  const proc = createProc();
  onTestFinished(() => proc.close());
  const dir = tempProject();
  for (const cmd of cmds) proc.run({ cmd, dir }, never).subscribe({ error: () => {} });
  await eventually(() => isThere() || null, 'all run');
  return proc.running.traces();
}

test('everything that came from it is ended, whatever it did to get away', async () => {
  const mark = unique();
  const sleep = `sleep ${mark}`;
  const cmds = [
    `exec ${sleep}`,
    `trap "" TERM; ${sleep}; ${sleep}; ${sleep}`,
    `setsid ${sleep} & wait`,
    `setsid sh -c 'setsid ${sleep} & exit' & wait; sleep ${mark}1`,
    `exec env -i ${sleep}`,
    `env -i ${sleep} & wait`,
  ];
  const traces = await started(cmds, () => processesWith(sleep).filter((line) => / sleep/.test(line)).length >= 7);
  const { found, left } = await endSurvivors(traces, 200, never);
  expect(found).toBeGreaterThanOrEqual(9);
  expect(left).toBe(0);
  expect(processesWith(sleep)).toEqual([]);
});

test('nothing else is, though it has the same number, nearly the same mark, or is of another machine', async () => {
  const mark = unique();
  const bystander = (env: Record<string, string> = {}) => {
    const child = spawn('sleep', [mark], { env: { ...process.env, ...env }, detached: true });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child.pid as number;
  };
  const session = randomUUID();
  const pids = [
    bystander(),
    bystander({ SLUICE_RUN: `${session}` }),
    bystander({ SLUICE_RUN: `${randomUUID()}.1` }),
    bystander({ OTHER: `SLUICE_RUN=${session}.1` }),
  ];
  const started = pids.map((pid) => processOf(pid)?.started ?? 0);
  const traces = {
    mark: session,
    machine: thisMachine(),
    session: { pid: 2, started: 1 },
    leaders: [
      { pid: pids[0] as number, started: (started[0] as number) + 1 },
      { pid: process.pid, started: processOf(process.pid)?.started ?? 0 },
      { pid: process.ppid, started: processOf(process.ppid)?.started ?? 0 },
    ],
  };
  const elsewhere = {
    ...traces,
    machine: 'another',
    leaders: pids.map((pid, i) => ({ pid, started: started[i] ?? 0 })),
  };
  for (const each of [traces, elsewhere]) expect(await endSurvivors(each, 0, never)).toEqual({ found: 0, left: 0 });
  expect(pids.filter((pid) => processOf(pid) === null)).toEqual([]);
});

test('a session is alive by its number and its start, on its machine', () => {
  const traces = createProc().running.traces();
  expect(isAlive(traces)).toBe(true);
  expect(isAlive({ ...traces, session: { ...traces.session, started: traces.session.started + 1 } })).toBe(false);
  expect(isAlive({ ...traces, machine: 'another' })).toBe(false);
  expect(tracesIn(JSON.stringify(traces))).toEqual(traces);
});

test.each([
  ['no JSON', '{'],
  ['nothing', 'null'],
  ['a list', '[]'],
  ['a mark that anybody may have', '{"mark":"","machine":"","session":{"pid":9,"started":1},"leaders":[]}'],
  ['no session', `{"mark":"${randomUUID()}","machine":"","session":null,"leaders":[]}`],
  ['everybody as session', `{"mark":"${randomUUID()}","machine":"","session":{"pid":-1,"started":1},"leaders":[]}`],
])('a note of %s says nothing', (_, text) => {
  expect(tracesIn(text)).toBeNull();
});
