import { Writable } from 'node:stream';
import { Subject } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/model/limits.ts';
import type { LogLine } from '../../src/model/log.ts';
import type { PublicState } from '../../src/model/public-state.ts';
import { plainView } from '../../src/view/plain.ts';
import { slowReader } from './support/slow-reader.ts';
import { live, resource, running, state } from './support/states.ts';

const line = (resource_: string, text: string, more: Partial<LogLine> = {}): LogLine => ({
  resource: resource_,
  source: 'runtime',
  seq: 1,
  at: 1,
  level: 'info',
  text,
  ...more,
});

function started({
  isStopped = false,
  color = false,
  isBrief = false,
  resources = undefined as readonly string[] | undefined,
} = {}) {
  // Wide enough that what is written in one turn leaves at once.
  const reader = slowReader({ isStopped, highWaterMark: isStopped ? 64 : 1_000_000 });
  const state$ = new Subject<PublicState>();
  const lines$ = new Subject<readonly LogLine[]>();
  let isDone = false;
  const subscription = plainView({
    logs: { lines$ },
    state$,
    out: reader.out,
    color,
    isBrief,
    ...(resources ? { resources } : {}),
  }).subscribe({
    complete: () => {
      isDone = true;
    },
  });
  onTestFinished(() => subscription.unsubscribe());
  const text = async (): Promise<string> => {
    await expect.poll(() => reader.out.writableLength).toBe(0);
    return reader.text();
  };
  return { reader, state$, lines$, text, isDone: () => isDone };
}

test('what was live, falls and comes back without a new run is told so, with what it waits for once that is known', async () => {
  const { state$, text } = started();
  const fallen = (text: string) => state([live('web', 1, { runtime: { status: 'pending', text } })]);
  state$.next(state([live('web')]));
  state$.next(fallen('1/2 ready'));
  state$.next(fallen('0/2 ready'));
  state$.next(fallen('gone: deployment web was deleted by somebody'));
  state$.next(state([live('web')]));
  state$.next(state([live('web', 2, { runtime: { status: 'pending', text: '0/2 ready' } })]));
  state$.next(state([live('web', 2)]));
  expect((await text()).split('\n').slice(0, -1)).toEqual([
    'web: live in 1.2 s (image)',
    'web: no longer ready: 1/2 ready',
    'web: no longer ready: gone: deployment web was deleted by somebody',
    'web: live again',
    'web: updated in 0.9 s (image), not ready yet',
    'web: live in 1.2 s (image)',
  ]);
});

test('a session reads as news about resources with their log lines under their names', async () => {
  const { state$, lines$, text } = started();
  const db = resource('postgres', { update: { status: 'running', run: 'postgres#1', why: ['first'] } });
  state$.next(
    state([db, resource('web', { update: { status: 'held', hold: { reason: 'needs', on: ['postgres'] } } })]),
  );
  lines$.next([line('postgres', 'ready to accept connections')]);
  state$.next(state([live('postgres'), running('web', 1, 'server.js changed')]));
  lines$.next([line('web', 'listening \x1b[32mnow\x1b[0m'), line('', 'from the session')]);
  state$.next(state([live('postgres'), live('web', 1, { runtime: { status: 'pending' } })]));
  state$.next(state([live('postgres'), live('web', 1, { endpoints: ['http://localhost:8080/'] })], { idle: true }));
  expect(await text()).toBe(
    [
      'postgres: building (first)',
      'web: waiting for postgres',
      'postgres │ ready to accept connections',
      'postgres: live in 1.2 s (image)',
      'web: building (server.js changed)',
      'web      │ listening now',
      'sluice   │ from the session',
      'web: updated in 0.9 s (image), not ready yet',
      'web: live in 1.2 s (image)',
      'sluice: all ready',
      'sluice: web: http://localhost:8080/',
      '',
    ].join('\n'),
  );
});

test('a failure says what, where, the tail of its log and what to do', async () => {
  const { state$, text } = started();
  const problem = {
    kind: 'step' as const,
    code: 'S210',
    what: 'npm ci failed',
    at: { file: 'web/Dockerfile', line: 3, column: 1 },
    logTail: ['npm ERR! 404'],
    hint: 'check the name',
  };
  state$.next(state([running('web')]));
  const failed = resource('web', { update: { status: 'failed', run: 'web#1', why: [], problem } });
  state$.next(state([failed]));
  state$.next(state([{ ...failed }]));
  state$.next(state([running('web', 2)]));
  state$.next(state([resource('web', { update: { status: 'cancelled', run: 'web#2', why: [] } })]));
  expect(await text()).toBe(
    [
      'web: building (server.js changed)',
      'web: failed: npm ci failed at web/Dockerfile:3:1',
      'web:   npm ERR! 404',
      'web: hint: check the name',
      'web: building (server.js changed)',
      'web: cancelled',
      '',
    ].join('\n'),
  );
});

test('a crash, a broken config and a lost Docker are told, and that they are mended', async () => {
  const { state$, text } = started();
  const good = state([live('web')]);
  state$.next(good);
  const crash = { kind: 'step' as const, code: 'S001', what: 'web-1 exited with 1' };
  state$.next({
    ...good,
    resources: { web: live('web', 1, { runtime: { status: 'failed', restarts: 1, problem: crash } }) },
  });
  state$.next({ ...good, resources: { web: live('web', 1, { runtime: { status: 'ready', restarts: 1 } }) } });
  state$.next({
    ...good,
    config: {
      ok: false,
      problems: [{ kind: 'yours', code: 'S100', what: 'unknown key', at: { file: 'sluice.yaml', line: 2, column: 1 } }],
    },
  });
  state$.next({
    ...good,
    docker: { ok: false, status: 'failing', problem: { kind: 'unavailable', code: 'S200', what: 'no answer' } },
  });
  state$.next({ ...good, phase: 'draining' });
  const lines = (await text()).split('\n');
  expect(lines).toEqual([
    'web: live in 1.2 s (image)',
    'web: restarted (1 so far)',
    'web: failed: web-1 exited with 1',
    'web: ready again',
    'sluice: unknown key at sluice.yaml:2:1',
    'sluice: the configuration is good again',
    'sluice: Docker: no answer',
    'sluice: Docker: there again',
    'sluice: stopping',
    '',
  ]);
});

test('a local port that is taken is told once, and that it no longer is', async () => {
  const { state$, text } = started();
  const taken = { kind: 'step' as const, code: 'S430', what: 'port [::1]:80 is taken by x (pid 7)', hint: 'stop it' };
  const forward = { local: '[::1]:80', to: '', status: 'failed' as const, problem: taken };
  const web = live('web', 1, { forwards: [forward] });
  state$.next(state([web]));
  state$.next(state([{ ...web, forwards: [{ ...forward }] }]));
  state$.next(state([{ ...web, forwards: [{ local: '[::1]:80', to: 'web-1:80', status: 'listening' }] }]));
  expect(await text()).toBe(
    [
      'web: live in 1.2 s (image)',
      'web: port [::1]:80 is taken by x (pid 7)',
      'web: hint: stop it',
      'web: port [::1]:80 is forwarded now',
      '',
    ].join('\n'),
  );
});

test('where a report follows, a failure is told there: here only that there is one', async () => {
  const { state$, text } = started({ isBrief: true });
  const problem = { kind: 'step' as const, code: 'S350', what: 'it crashed', logTail: ['no disk'], hint: 'look' };
  state$.next(state([live('db', 1, { runtime: { status: 'pending', problem } })]));
  state$.next(state([live('db', 1, { runtime: { status: 'failed', text: 'Error', problem } })]));
  state$.next(state([resource('web', { update: { status: 'failed', run: 'web#1', why: [], problem } })]));
  expect(await text()).toBe(
    ['db: updated in 0.9 s (image), not ready yet', 'db: not ready yet', 'db: failed (Error)', 'web: failed', ''].join(
      '\n',
    ),
  );
});

test('only the logs of chosen resources are shown, and containers named where there are several', async () => {
  const { state$, lines$, text } = started({ resources: ['web'] });
  const containers = ['app', 'proxy'].map((name) => ({ name, ready: true, state: 'running', restarts: 0 }));
  const pods = [{ name: 'web-1', status: 'Running', ready: true, restarts: 0, createdAt: 0, containers }];
  state$.next(state([resource('web', { runtime: { pods } })]));
  lines$.next([line('db', 'hidden'), line('web', 'shown', { pod: 'web-1', container: 'app' })]);
  expect(await text()).toBe('web │ [app] shown\n');
});

test('names are bounded and cannot send control sequences', async () => {
  const { state$, lines$, text } = started();
  const long = 'n'.repeat(100);
  state$.next(state([resource('a\x1b[2J'), resource(long)]));
  lines$.next([line('a\x1b[2J', 'x'), line(long, 'y')]);
  expect(await text()).toBe(
    `${'a\\x1b[2J'.padEnd(limits.plainNameColumns)} │ x\n${'n'.repeat(limits.plainNameColumns - 1)}… │ y\n`,
  );
});

test('with colours each name has its own, and a line cannot leave its colour behind', async () => {
  const { state$, lines$, text } = started({ color: true });
  state$.next(state([resource('a'), resource('b')]));
  lines$.next([line('a', '\x1b[31mred'), line('b', 'x')]);
  expect(await text()).toBe('\x1b[36ma │\x1b[0m \x1b[31mred\x1b[0m\n\x1b[35mb │\x1b[0m x\n');
});

test('a stopped reader costs the oldest lines, which are counted, and never more memory', async () => {
  const { reader, state$, lines$, text } = started({ isStopped: true });
  state$.next(state([resource('web')]));
  for (let i = 0; i < 100_000; i += 100)
    lines$.next(Array.from({ length: 100 }, (_, j) => line('web', `line ${i + j}`)));
  expect(reader.out.writableLength).toBeLessThan(1_000);
  reader.go();
  await expect.poll(() => reader.text().endsWith('line 99999\n')).toBe(true);
  const lines = (await text()).trimEnd().split('\n');
  const lost = lines.map((each) => /^sluice: (\d+) lines left out/.exec(each)?.[1]).filter(Boolean);
  expect(lost).toHaveLength(1);
  expect(Number(lost[0]) + lines.length - 1).toBe(100_000);
});

test('lines of one turn leave in one piece', async () => {
  const pieces: number[] = [];
  const out = new Writable({
    decodeStrings: false,
    write: (_chunk, _encoding, done) => {
      pieces.push(1);
      setImmediate(done);
    },
    writev: (chunks, done) => {
      pieces.push(chunks.length);
      setImmediate(done);
    },
  });
  const lines$ = new Subject<readonly LogLine[]>();
  const view = plainView({ logs: { lines$ }, state$: new Subject(), out, color: false }).subscribe();
  onTestFinished(() => view.unsubscribe());
  lines$.next(Array.from({ length: 100 }, (_, i) => line('web', `line ${i}`)));
  await expect.poll(() => out.writableLength).toBe(0);
  expect(pieces).toEqual([100]);
});

test('it ends quietly when the reader goes away', async () => {
  const { reader, state$, isDone } = started();
  reader.out.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await expect.poll(isDone).toBe(true);
  state$.next(state([running('web')]));
});
