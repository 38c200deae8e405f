import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom, type Observable, tap, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { createProc } from '../../../src/adapters/proc/proc.ts';
import { processesSince, processOf } from '../../../src/adapters/proc/process-table.ts';
import type { ProcEvent, ProcSpec } from '../../../src/model/ports.ts';
import { problemOf } from '../../../src/model/problems/problem.ts';
import { eventually } from '../../support/facts.ts';
import { tempProject } from '../../support/temp.ts';

const { run } = createProc();
const never = new AbortController().signal;

const until = (fact: () => boolean, what: string) => eventually(() => fact() || null, what, 10_000);

const textOf = (events: readonly ProcEvent[], wanted: 'stdout' | 'stderr' = 'stdout') =>
  Buffer.concat(events.flatMap((e) => (e.is === 'output' && e.stream === wanted ? [e.chunk] : []))).toString();

const collect = (spec: ProcSpec, stop = never, grace?: number): Promise<ProcEvent[]> =>
  lastValueFrom(run(spec, stop, grace).pipe(toArray()));

/** Pids that scripts below write as `name=pid` lines into `pids`. */
function pidsOf(dir: string): number[] {
  const file = join(dir, 'pids');
  return existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/=(\d+)$/gm)].map((match) => Number(match[1])) : [];
}

const alive = (dir: string) => pidsOf(dir).filter((pid) => processOf(pid) !== null);

/** Five ways to outlive a parent; each writes its pid. */
const stubborn = `
sh -c 'echo plain=$$ >> pids; sleep 300' &
nohup sh -c 'echo nohup=$$ >> pids; sleep 301; true' >/dev/null 2>&1 &
sh -c 'trap "" TERM HUP INT; echo trap=$$ >> pids; while :; do sleep 0.05; done' &
(sh -c 'sh -c "echo fork=\\$\\$ >> pids; sleep 302; true" & exit 0')
setsid sh -c 'echo setsid=$$ >> pids; (sleep 303; true) & echo child=$! >> pids; wait' &
setsid sh -c 'setsid sh -c "echo twice=\\$\\$ >> pids; sleep 304; true" & exit 0' &
echo ready; `;
const stubbornCount = 7;

test('gives the output of both streams and the exit code of a command', async () => {
  const events = await collect({ cmd: 'echo out; echo err >&2; exit 3', dir: tempProject() });
  expect(events[0]).toMatchObject({ is: 'started', pid: expect.any(Number) });
  expect(textOf(events)).toBe('out\n');
  expect(textOf(events, 'stderr')).toBe('err\n');
  expect(events.at(-1)).toEqual({ is: 'exited', code: 3, signal: null });
});

test('runs an argument list without a shell, in its directory, with its environment and input', async () => {
  const dir = tempProject();
  const cmd = ['sh', '-c', 'pwd; echo "$A"; echo "$1"; cat', 'sh', '$HOME; *'];
  expect(textOf(await collect({ cmd, dir, env: { A: 'b c' }, stdin: 'typed' }))).toBe(`${dir}\nb c\n$HOME; *\ntyped`);
});

test('a command that does not read its input is no failure', async () => {
  const events = await collect({ cmd: 'exec true', dir: tempProject(), stdin: 'x'.repeat(5_000_000) });
  expect(events.at(-1)).toEqual({ is: 'exited', code: 0, signal: null });
});

test('loses nothing of 10 MB written by a command that exits at once', async () => {
  const events = await collect({ cmd: 'head -c 10000000 /dev/zero', dir: tempProject() });
  expect(textOf(events).length).toBe(10_000_000);
});

test.each(['exit 0', 'exec sleep 300'])(
  'ends every process on abort, whatever it did to get away: %s',
  async (then) => {
    const dir = tempProject();
    const stop = new AbortController();
    const ended = collect({ cmd: stubborn + (then === 'exit 0' ? 'sleep 310' : then), dir }, stop.signal, 200);
    await until(() => alive(dir).length === stubbornCount, 'all children run');
    stop.abort();
    expect((await ended).at(-1)).toEqual({ is: 'exited', code: null, signal: 'SIGTERM' });
    expect(alive(dir)).toEqual([]);
  },
);

test('a command that ends by itself leaves no process behind', async () => {
  const dir = tempProject();
  const waits = 'while [ "$(wc -l < pids)" -lt 7 ]; do sleep 0.02; done; exit 5';
  const events = await collect({ cmd: stubborn + waits, dir }, never, 200);
  expect(events.at(-1)).toEqual({ is: 'exited', code: 5, signal: null });
  expect(pidsOf(dir)).toHaveLength(stubbornCount);
  expect(alive(dir)).toEqual([]);
});

test('SIGTERM comes first, so that a command can clean up and choose its exit code', async () => {
  const dir = tempProject();
  const stop = new AbortController();
  const output$: Observable<ProcEvent> = run(
    { cmd: 'trap "echo bye > bye; exit 7" TERM; echo ready; while :; do sleep 0.02; done', dir },
    stop.signal,
  ).pipe(tap((event) => event.is === 'output' && stop.abort()));
  expect((await lastValueFrom(output$.pipe(toArray()))).at(-1)).toEqual({ is: 'exited', code: 7, signal: null });
  expect(readFileSync(join(dir, 'bye'), 'utf8')).toBe('bye\n');
});

test('unsubscribing kills at once, also what ignores SIGTERM or left the session', async () => {
  const dir = tempProject();
  const subscription = run({ cmd: `${stubborn} sleep 310`, dir }, never).subscribe();
  onTestFinished(() => subscription.unsubscribe());
  await until(() => alive(dir).length === stubbornCount, 'all children run');
  subscription.unsubscribe();
  await until(() => alive(dir).length === 0, 'all are gone');
  expect(
    processesSince(process.pid).filter((each) => each.ppid === process.pid && pidsOf(dir).includes(each.pid)),
  ).toEqual([]);
});

test('unsubscribing on the first event leaves nothing running', async () => {
  const { pid } = (await firstValueFrom(
    run({ cmd: 'sleep 311', dir: tempProject() }, never).pipe(filter((event) => event.is === 'started')),
  )) as { pid: number };
  await until(() => processOf(pid) === null, 'the process is gone');
});

test('a signal that was given before the start starts nothing', async () => {
  const dir = tempProject();
  expect(await collect({ cmd: 'touch ran', dir }, AbortSignal.abort())).toEqual([
    { is: 'exited', code: null, signal: 'SIGTERM' },
  ]);
  expect(existsSync(join(dir, 'ran'))).toBe(false);
});

test('says which program or directory is missing and what to do', async () => {
  const dir = tempProject({ 'plain.sh': 'echo' });
  const problem = (spec: ProcSpec) =>
    collect(spec).then(
      () => null,
      (error) => problemOf(error),
    );
  expect(await problem({ cmd: ['no-such-tool', 'x'], dir })).toMatchObject({
    code: 'S400',
    what: 'no-such-tool was not found',
    hint: expect.stringContaining('PATH'),
  });
  expect(await problem({ cmd: 'true', dir: `${dir}/gone` })).toMatchObject({
    code: 'S401',
    what: expect.stringContaining(`${dir}/gone does not exist`),
  });
  expect(await problem({ cmd: ['./plain.sh'], dir })).toMatchObject({ code: 'S402' });
});

test('names the process that listens on a port', async () => {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const name = execFileSync('ps', ['-o', 'comm=', '-p', String(process.pid)], { encoding: 'utf8' }).trim();
  expect(await createProc().listener(port)).toBe(`${name} (pid ${process.pid})`);
  await new Promise((resolve) => server.close(resolve));
  expect(await createProc().listener(port)).toBeNull();
});

test('closing kills at once whatever still runs, also what was asked to end and takes its time', async () => {
  const proc = createProc();
  const dir = tempProject();
  const stop = new AbortController();
  const running = ['trap "" TERM; echo a=$$ >> pids; while :; do sleep 0.05; done', `${stubborn}sleep 300`].map((cmd) =>
    proc.run({ cmd, dir }, stop.signal, 60_000).subscribe(),
  );
  await until(() => pidsOf(dir).length === 1 + stubbornCount, 'all have started');
  stop.abort();
  proc.close();
  await until(() => alive(dir).length === 0, 'none is left');
  expect(running.every(({ closed }) => closed)).toBe(true);
});
