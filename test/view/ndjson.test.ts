import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import jsonPatch from 'fast-json-patch';
import { Subject } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/model/limits.ts';
import type { LogLine } from '../../src/model/log.ts';
import type { PublicState } from '../../src/model/public-state.ts';
import { ndjsonView } from '../../src/view/ndjson.ts';
import { streamSchema } from '../../src/view/stream-schema.ts';
import { faultsOf } from './support/json-schema.ts';
import { slowReader } from './support/slow-reader.ts';
import { live, resource, running, state } from './support/states.ts';

type Record = { type: string; seq: number; at: number; [field: string]: unknown };

const session = { runId: 'r-1', pid: 7, dir: '/p', socket: '/run/s.sock' };
const ok = { ok: true, exitCode: 0, problems: [] };
const line = (seq: number, text: string): LogLine => ({
  resource: 'web',
  source: 'runtime',
  pod: 'web-1',
  container: 'app',
  seq,
  at: 5_000 + seq,
  level: 'info',
  text,
});

function started({
  isStopped = false,
  includeLogs = true,
  scrub = (text: string) => text,
  out = null as NodeJS.WritableStream | null,
} = {}) {
  const reader = slowReader({ isStopped });
  const state$ = new Subject<{ state: PublicState; cause: string }>();
  const lines$ = new Subject<readonly LogLine[]>();
  const verdict$ = new Subject<typeof ok>();
  const answers$ = new Subject<{ id: unknown; ok: boolean; result?: unknown }>();
  const ended = new Promise<'complete' | Error>((resolve) => {
    const view$ = ndjsonView({
      state$,
      logs: { lines$ },
      session,
      out: out ?? reader.out,
      now: () => 9,
      includeLogs,
      verdict$,
      answers$,
      scrub,
      failed: (error) => {
        throw error;
      },
    });
    const subscription = view$.subscribe({ complete: () => resolve('complete'), error: resolve });
    onTestFinished(() => subscription.unsubscribe());
  });
  return { reader, state$, lines$, verdict$, answers$, ended };
}

function recordsOf(text: string): Record[] {
  const records = text
    .split('\n')
    .filter(Boolean)
    .map((each) => JSON.parse(each) as Record);
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1));
  for (const record of records) expect(faultsOf(record, streamSchema)).toEqual([]);
  return records;
}

function lastState(records: readonly Record[]): unknown {
  let current: unknown = null;
  for (const record of records) {
    if (record.type === 'state') {
      // A whole state in between repeats what the patches add up to.
      current = record.state;
    } else if (record.type === 'patch')
      current = jsonPatch.applyPatch(structuredClone(current), record.patch as jsonPatch.Operation[], true).newDocument;
  }
  return current;
}

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the NDJSON stream', () => {
  test('carries the answers to requests once there is a state', async () => {
    const { reader, state$, lines$, verdict$, answers$, ended } = started();
    answers$.next({ id: 'early', ok: true });
    state$.next({ state: state([resource('web')]), cause: 'session/started' });
    lines$.next([line(1, 'one')]);
    answers$.next({ id: 7, ok: true, result: { a: 1 } });
    verdict$.next(ok);
    expect(await ended).toBe('complete');
    const records = recordsOf(reader.text());
    expect(records.map(({ type, id }) => id ?? type)).toEqual(['session', 'state', 'early', 'log', 7, 'verdict']);
  });

  test('is a session, a state, patches and logs as they come, and a verdict', async () => {
    const { reader, state$, lines$, verdict$, ended } = started();
    const first = state([resource('web')]);
    const last = state([running('web')]);
    state$.next({ state: first, cause: 'session/started' });
    state$.next({ state: { ...first }, cause: 'clock/reached' });
    state$.next({ state: last, cause: 'run/started' });
    lines$.next([line(1, '\x1b[31mred\x1b[0m')]);
    verdict$.next(ok);
    expect(await ended).toBe('complete');
    const records = recordsOf(reader.text());
    expect(records.map(({ type }) => type)).toEqual(['session', 'state', 'patch', 'log', 'verdict']);
    expect(records[0]).toEqual({ type: 'session', seq: 1, at: 9, version: 1, ...session });
    expect(records[2]).toMatchObject({ cause: 'run/started' });
    expect(records[3]).toEqual({
      type: 'log',
      seq: 4,
      at: 5_001,
      resource: 'web',
      source: 'runtime',
      level: 'info',
      text: 'red',
      pod: 'web-1',
      container: 'app',
    });
    expect(records[4]).toEqual({ type: 'verdict', seq: 5, at: 9, ...ok });
    expect(lastState(records)).toEqual(json(last));
  });

  test('leaves logs out when told to, and tells no log before the first state', async () => {
    const without = started({ includeLogs: false });
    without.state$.next({ state: state([]), cause: 'a/b' });
    without.lines$.next([line(1, 'x')]);
    without.verdict$.next(ok);
    await without.ended;
    expect(recordsOf(without.reader.text()).map(({ type }) => type)).toEqual(['session', 'state', 'verdict']);
    const early = started();
    early.lines$.next([line(1, 'x')]);
    early.state$.next({ state: state([]), cause: 'a/b' });
    early.verdict$.next(ok);
    await early.ended;
    expect(recordsOf(early.reader.text()).map(({ type }) => type)).toEqual(['session', 'state', 'log', 'verdict']);
  });

  test('ends with a verdict even when no state ever came', async () => {
    const { reader, verdict$, ended } = started();
    const problem = { kind: 'yours' as const, code: 'S100', what: 'no config' };
    verdict$.next({ ok: false, exitCode: 2, problems: [problem] } as never);
    await ended;
    expect(recordsOf(reader.text()).map(({ type }) => type)).toEqual(['session', 'verdict']);
  });

  test('gives a slow reader merged patches, then a whole state, and adds up to the last state', async () => {
    const { reader, state$, verdict$, ended } = started({ isStopped: true });
    let current = state(Array.from({ length: 20 }, (_, i) => resource(`r${i}`)));
    state$.next({ state: current, cause: 'first/one' });
    for (let i = 0; i < 5_000; i++) {
      const name = `r${i % 20}`;
      current = { ...current, resources: { ...current.resources, [name]: live(name, i) } };
      state$.next({ state: current, cause: 'run/ended' });
    }
    expect(reader.out.writableLength).toBeLessThan(30_000);
    reader.go();
    await expect.poll(() => reader.text().match(/"type":"state"/g)?.length).toBe(2);
    verdict$.next(ok);
    await ended;
    const records = recordsOf(reader.text());
    expect(records.map(({ type }) => type)).toEqual(['session', 'state', 'patch', 'state', 'verdict']);
    expect(lastState(records.slice(0, 3))).toEqual(json(current));
    expect(lastState(records)).toEqual(json(current));
  });

  test('repeats the whole state every so many records', async () => {
    const { reader, state$, lines$, verdict$, ended } = started();
    state$.next({ state: state([resource('web')]), cause: 'a/b' });
    for (let i = 0; i < 2_500; i += 50) {
      lines$.next(Array.from({ length: 50 }, (_, j) => line(i + j, 'x')));
      await new Promise(setImmediate);
    }
    verdict$.next(ok);
    await ended;
    const states = recordsOf(reader.text())
      .filter(({ type }) => type === 'state')
      .map(({ seq }) => seq);
    expect(states).toEqual([2, 2 + limits.streamStateEvery, 2 + 2 * limits.streamStateEvery]);
  });

  test('drops the oldest of 100,000 lines a stopped reader does not take, and says how many', async () => {
    const { reader, state$, lines$, verdict$, ended } = started({ isStopped: true });
    state$.next({ state: state([]), cause: 'a/b' });
    for (let i = 0; i < 1_000; i++)
      lines$.next(Array.from({ length: 100 }, (_, j) => line(i * 100 + j, `line ${i * 100 + j}`)));
    expect(reader.out.writableLength).toBeLessThan(10_000);
    reader.go();
    verdict$.next(ok);
    await ended;
    const logs = recordsOf(reader.text()).filter(({ type }) => type === 'log');
    const [said] = logs.filter(({ source }) => source === 'engine');
    expect(logs.length).toBeLessThan(limits.streamQueue + 100);
    expect((said?.dropped as number) + logs.length - 1).toBe(100_000);
    expect(logs.at(-1)?.text).toBe('line 99999');
  });

  test('is valid JSON with control characters and lone surrogates in it', async () => {
    const { reader, state$, lines$, verdict$, ended } = started();
    state$.next({ state: state([resource('w\u0000\ud800"\n')]), cause: 'a/b' });
    lines$.next([line(1, '\u2028 \udfff \u0007 "quoted"\r')]);
    verdict$.next(ok);
    await ended;
    expect(recordsOf(reader.text())[2]?.text).toBe('\u2028 \udfff \u0007 "quoted"\r');
  });

  test('never has a secret in it, and stays JSON where a secret is a number', async () => {
    const scrub = (text: string): string =>
      text.replaceAll('12345', '[redacted s:k]').replaceAll('run/ended', '[redacted s:c]');
    const { reader, state$, lines$, verdict$, ended } = started({ scrub });
    state$.next({ state: state([resource('web', { logs: { lines: 12_345, bytes: 1 } })]), cause: 'a/b' });
    state$.next({
      state: state([resource('web', { logs: { lines: 12_345, bytes: 1 }, runtime: { text: 'pw 12345' } })]),
      cause: 'run/ended',
    });
    lines$.next([line(1, 'pw 12345')]);
    verdict$.next({ ok: false, exitCode: 1, problems: [{ kind: 'step', code: 'S001', what: 'pw 12345' }] } as never);
    await ended;
    const records = recordsOf(reader.text());
    expect(reader.text()).not.toContain('pw 12345');
    expect(records[1]).toMatchObject({ state: { resources: { web: { logs: { lines: 12_345 } } } } });
    expect(records[2]?.patch).toEqual([
      { op: 'replace', path: '/resources/web/runtime/text', value: 'pw [redacted s:k]' },
    ]);
    expect(records[3]?.text).toBe('pw [redacted s:k]');
  });

  test('ends quietly when the reader goes away', async () => {
    const child = spawn('head', ['-n', '1'], { stdio: ['pipe', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill());
    child.stdout.resume();
    const { state$, ended } = started({ out: child.stdin });
    const exited = once(child, 'exit');
    const writing = setInterval(() => state$.next({ state: state([live('web', Math.random())]), cause: 'a/b' }), 1);
    expect(await ended).toBe('complete');
    clearInterval(writing);
    await exited;
  });

  test('fails when writing fails for another reason', async () => {
    const out = Object.assign(new EventEmitter(), { write: () => true }) as unknown as NodeJS.WritableStream;
    const { ended } = started({ out });
    out.emit('error', Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    expect(await ended).toMatchObject({ code: 'ENOSPC' });
  });
});
