import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { createLogStore } from '../../src/logs/store.ts';
import { limits } from '../../src/model/limits.ts';
import type { LogOrigin, LogStore } from '../../src/model/log.ts';
import { tempProject } from '../support/temp.ts';

const web: LogOrigin = { resource: 'web', source: 'runtime', pod: 'web-1', container: 'app' };
const db: LogOrigin = { resource: 'db', source: 'runtime', pod: 'db-1', container: 'pg' };
const never = new AbortController().signal;

function store(dir: string | null = null): LogStore {
  const made = createLogStore({ dir });
  onTestFinished(() => made.close());
  return made;
}

const spillDir = (): string => join(tempProject(), 'logs');
const spilled = (dir: string): string =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');

/** Enough lines that most are on disk; `extra` stands in the eleventh. */
async function filled(logs: LogStore, lines = 50_000, extra = ''): Promise<void> {
  for (let i = 1; i <= lines; i++) {
    logs.write(i % 5 === 0 ? db : web, `line ${i} ${i % 3 === 0 ? 'ERROR' : 'INFO'}${i === 11 ? extra : ''}\n`, i);
    if (i % 5_000 === 0) await new Promise(setImmediate);
  }
}

test('lines of all resources are numbered together and told in batches', async () => {
  const logs = store();
  const batches = firstValueFrom(logs.lines$.pipe(toArray()));
  logs.write(web, 'one\ntwo\n', 1);
  logs.write(db, 'three\n', 2);
  logs.line({ resource: 'web', source: 'engine' }, 'warn', 'four', 3);
  await logs.close();
  expect(
    (await batches).flat().map(({ seq, resource, source, level, text }) => [seq, resource, source, level, text]),
  ).toEqual([
    [1, 'web', 'runtime', 'info', 'one'],
    [2, 'web', 'runtime', 'info', 'two'],
    [3, 'db', 'runtime', 'info', 'three'],
    [4, 'web', 'engine', 'warn', 'four'],
  ]);
});

test('a partial line waits for its end, for `end` or for a moment of silence', async () => {
  const logs = store();
  logs.write(web, 'begun', 1);
  expect(logs.tail({}, 5).lines.map(({ text }) => text)).toEqual([]);
  logs.write(web, ' and ended\nprompt> ', 2);
  expect(logs.tail({}, 5).lines.map(({ text }) => text)).toEqual(['begun and ended']);
  logs.end(web, 3);
  expect(logs.tail({}, 5).lines.map(({ text }) => text)).toEqual(['begun and ended', 'prompt> ']);
  const told = firstValueFrom(logs.lines$);
  await told;
  const later = firstValueFrom(logs.lines$);
  logs.write(web, 'Password: ', 4);
  expect((await later).map(({ text }) => text)).toEqual(['Password: ']);
});

test('lines of two containers of one resource do not mix', () => {
  const logs = store();
  logs.write(web, 'a1 ', 1);
  logs.write({ ...web, container: 'proxy' }, 'b1 ', 1);
  logs.write(web, 'a2\n', 2);
  logs.write({ ...web, container: 'proxy' }, 'b2\n', 2);
  expect(logs.tail({}, 5).lines.map(({ text }) => text)).toEqual(['a1 a2', 'b1 b2']);
});

test('a line too long is cut with a mark, and a secret across the cut does not show its first half', () => {
  const logs = store();
  logs.hide([{ name: 's', key: 'k', value: 'top-secret-value' }]);
  logs.write(web, `${'x'.repeat(limits.logLineBytes - 5)}top-secret-value${'y'.repeat(50_000)}\n`, 1);
  const [text] = logs.tail({}, 1).lines.map(({ text }) => text);
  expect(text).toContain('more characters]');
  expect(text).not.toContain('top-s');
  expect(text?.length).toBeLessThan(limits.logLineBytes + 100);
});

test('tail and read give windows that say whether there is more', () => {
  const logs = store();
  for (let i = 1; i <= 10; i++) logs.write(i % 2 ? web : db, `${i}\n`, i);
  const seqs = (window: ReturnType<LogStore['tail']>) => [
    window.lines.map(({ seq }) => seq),
    window.before,
    window.after,
  ];
  expect(seqs(logs.tail({}, 3))).toEqual([[8, 9, 10], true, false]);
  expect(seqs(logs.tail({ resources: ['db'] }, 2))).toEqual([[8, 10], true, false]);
  expect(seqs(logs.tail({}, 10))).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false, false]);
  expect(seqs(logs.read({}, 4, 3, 'forward'))).toEqual([[4, 5, 6], true, true]);
  expect(seqs(logs.read({}, 4, 3, 'back'))).toEqual([[2, 3, 4], true, true]);
  expect(seqs(logs.read({ resources: ['web'] }, 4, 9, 'back'))).toEqual([[1, 3], false, true]);
  expect(seqs(logs.read({ resources: ['none'] }, 4, 9, 'back'))).toEqual([[], false, false]);
  expect(logs.range).toEqual({ first: 1, last: 10 });
});

test('filters take pods, containers, sources, the lowest level and a pattern', () => {
  const logs = store();
  logs.write(web, 'ERROR a\nWARN b\nplain \x1b[31mc\x1b[0m d\n', 1);
  logs.write(db, 'ERROR e\n', 2);
  logs.line({ resource: 'web', source: 'engine' }, 'debug', 'f', 3);
  expect(logs.tail({ level: 'warn' }, 9).lines.map(({ text }) => text)).toEqual(['ERROR a', 'WARN b', 'ERROR e']);
  expect(logs.tail({ level: 'error', pods: ['web-1'] }, 9).lines.map(({ text }) => text)).toEqual(['ERROR a']);
  expect(logs.tail({ containers: ['pg'] }, 9).lines.map(({ text }) => text)).toEqual(['ERROR e']);
  expect(logs.tail({ sources: ['engine'] }, 9).lines.map(({ text }) => text)).toEqual(['f']);
  expect(logs.tail({ pattern: /c d/g }, 9).lines.map(({ text }) => text)).toEqual(['plain \x1b[31mc\x1b[0m d']);
});

test('what a step said at its end is of its own run, the line that matters first', () => {
  const logs = store();
  const step = (run: string) => ({ resource: 'web', source: 'build' as const, run });
  logs.write(step('1'), 'ERROR of the run before\n', 1);
  logs.write(step('2'), 'TAP version 13\nnot ok 1 - \x1b[31mshouts\x1b[0m\n  hello!\n# fail 1\n', 2);
  logs.write(step('3'), 'no word of an error\n', 3);
  expect(logs.tailText({ runs: ['2'] }, 9)).toEqual(['not ok 1 - shouts', '  hello!', '# fail 1']);
  expect(logs.tailText({ runs: ['3'] }, 9)).toEqual(['no word of an error']);
});

test('a view filtered by a catastrophic pattern gets an answer', () => {
  const logs = store();
  logs.write(web, `${'a'.repeat(10_000)}b\n`, 1);
  expect(logs.tail({ pattern: /(a+)+$/ }, 9)).toMatchObject({
    lines: [],
    before: true,
    after: false,
    problem: { code: 'S600' },
  });
});

test('older lines go to disk and are read, found and counted as those in memory', async () => {
  const dir = spillDir();
  const logs = store(dir);
  await filled(logs, 60_000, ' needle');
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(logs.range.first).toBeGreaterThan(1);
  expect(logs.tail({}, 5).before).toBe(true);
  const all = await logs.readAll({}, 1, 60_001, 'forward', never);
  expect(all.lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 60_000 }, (_, i) => i + 1));
  expect(all).toMatchObject({ before: false, after: false });
  expect(all.lines[10]).toMatchObject({ ...web, at: 11, level: 'info', text: 'line 11 INFO needle' });
  const back = await logs.readAll({ resources: ['web'], level: 'error' }, 100, 3, 'back', never);
  expect(back.lines.map(({ seq }) => seq)).toEqual([93, 96, 99]);
  expect((await logs.search({ pattern: /needle/ }, 60_000, 'back', never))?.seq).toBe(11);
  expect((await logs.search({ pattern: /line \d*77 /, resources: ['web'] }, 77, 'forward', never))?.seq).toBe(177);
  expect(await logs.search({ pattern: /needle/ }, 11, 'forward', never)).toBeNull();
  const errors = await logs.searchAll({ pattern: /ERROR$/ }, 2, never);
  expect(errors).toEqual({ count: 20_000, seqs: [59_997, 60_000] });
});

test('colours and wide characters survive the way to disk', async () => {
  const logs = store(spillDir());
  logs.write(web, '\x1b[32mgrün\x1b[0m 日本 😀\n', 1);
  logs.write(web, 'narrow\n', 2);
  for (let i = 0; i < 30_000; i++) logs.write(web, 'filler\n', 3);
  const { lines } = await logs.readAll({}, 1, 2, 'forward', never);
  expect(lines.map(({ text }) => text)).toEqual(['\x1b[32mgrün\x1b[0m 日本 😀', 'narrow']);
  expect((await logs.search({ pattern: /^grün 日/ }, 100, 'back', never))?.seq).toBe(1);
});

test('a search gives the loop its turns and ends when asked to', async () => {
  const logs = store(spillDir());
  await filled(logs, 100_000);
  let turns = 0;
  const stop = new AbortController();
  const searching = logs.searchAll({ pattern: /[^q]+q/ }, 1, stop.signal);
  const ended = searching.then(
    () => 'all',
    (error: Error) => error.name,
  );
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      if (++turns < 3) setImmediate(turn);
      else resolve();
    };
    turn();
  });
  stop.abort();
  expect(await ended).toBe('AbortError');
});

test('a catastrophic pattern rejects with a problem instead of freezing', async () => {
  const logs = store();
  logs.write(web, `${'a'.repeat(10_000)}b\n`, 1);
  await expect(logs.searchAll({ pattern: /(a+)+$/ }, 1, never)).rejects.toMatchObject({ problem: { code: 'S600' } });
});

test('secrets are hidden in what comes, in memory and on disk', async () => {
  const dir = spillDir();
  const logs = store(dir);
  await filled(logs, 50_000, ' p4ssw0rd-of-db');
  logs.write(web, 'new p4ssw0rd-of-db\n', 1);
  await expect.poll(() => spilled(dir).includes('p4ssw0rd-of-db')).toBe(true);
  logs.hide([{ name: 'db', key: 'pw', value: 'p4ssw0rd-of-db' }]);
  expect(logs.tail({}, 1).lines.map(({ text }) => text)).toEqual(['new [redacted db:pw]']);
  expect((await logs.readAll({}, 11, 1, 'forward', never)).lines[0]?.text).toBe('line 11 INFO [redacted db:pw]');
  logs.write(web, 'split p4ssw0', 2);
  logs.write(web, 'rd-of-db\n', 2);
  expect(logs.tail({}, 1).lines.map(({ text }) => text)).toEqual(['split [redacted db:pw]']);
  await expect.poll(() => spilled(dir).includes('p4ssw0rd-of-db')).toBe(false);
  expect((await logs.readAll({}, 1, 50_001, 'forward', never)).lines).toHaveLength(50_001);
  expect((await logs.search({ pattern: /redacted/ }, 50_000, 'back', never))?.seq).toBe(11);
  expect(logs.scrub('a p4ssw0rd-of-db')).toBe('a [redacted db:pw]');
});

test('clearing one resource leaves the others, and closing leaves no file', async () => {
  const dir = spillDir();
  const logs = createLogStore({ dir });
  await filled(logs, 120_000);
  expect(logs.stats('web').lines).toBe(96_000);
  logs.clear('web');
  expect(logs.stats('web')).toEqual({ lines: 0, bytes: 0 });
  expect((await logs.readAll({}, 1, 3, 'forward', never)).lines.map(({ seq }) => seq)).toEqual([5, 10, 15]);
  await logs.close();
  expect(existsSync(dir)).toBe(false);
});

test('long lines and many resources stay within the bound of bytes', () => {
  const logs = store();
  const long = `${'x'.repeat(16_000)}\n`;
  for (let i = 0; i < 20_000; i++) logs.write({ resource: `r${i % 40}`, source: 'runtime' }, long, i);
  const held = logs.tail({}, 1_000_000).lines.reduce((sum, { text }) => sum + text.length, 0);
  expect(held).toBeLessThanOrEqual(limits.logBytesTotal);
  expect(held).toBeGreaterThan(limits.logBytesTotal / 2);
});

test('a full or read-only disk costs the older lines only, and is said once', async () => {
  const dir = spillDir();
  const logs = store(dir);
  const { rmSync, writeFileSync } = await import('node:fs');
  rmSync(dir, { recursive: true, force: true });
  writeFileSync(dir, 'not a directory');
  const said: string[] = [];
  logs.lines$.subscribe((lines) =>
    said.push(...lines.flatMap(({ source, text }) => (source === 'engine' ? [text] : []))),
  );
  await filled(logs, 80_000);
  await expect.poll(() => said).toHaveLength(1);
  expect(said[0]).toContain('older log lines cannot be kept');
  await filled(logs, 30_000);
  expect(said).toHaveLength(1);
  expect(logs.tail({ resources: ['web'] }, 1).lines.map(({ text }) => text)).toEqual(['line 29999 INFO']);
});
