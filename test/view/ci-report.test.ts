import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Problem } from '../../src/model/problems/problem.ts';
import { ciReport, githubAnnotations } from '../../src/view/ci-report.ts';
import { criticalPath } from '../../src/view/critical-path.ts';
import { junit } from '../../src/view/junit.ts';
import { live, resource, state } from './support/states.ts';

const problem: Problem = {
  kind: 'step',
  code: 'S210',
  what: 'npm ci failed: <404> & "more"',
  at: { file: 'web/Dockerfile', line: 3, column: 1 },
  logTail: ['npm ERR! 404', 'a\x1b[2Jb ]]>'],
  hint: 'check the name',
};
const needsDb = [{ name: 'db', update: 'order' }];
const failed = resource('web', {
  needs: needsDb,
  update: { status: 'failed', run: 'web#1', why: [], startedAt: 2_200, endedAt: 4_200, problem },
});
const shown = state([live('db'), failed, resource('docs', { enabled: false })]);
const bad = { ok: false, exitCode: 3, problems: [problem] };

test('the report has a table, the longest chain and the first failure with its log', () => {
  expect(ciReport(shown, bad)).toBe(`
RESOURCE  UPDATE    RUNTIME  DURATION
db        ok        Running  1.2 s
web       failed    none     2.0 s
docs      disabled  none     –

longest chain: db → web, 3.2 s

web: npm ci failed: <404> & "more" at web/Dockerfile:3:1
  │ npm ERR! 404
  │ a\\x1b[2Jb ]]>
  hint: check the name

failed, exit code 3
`);
});

test('a good end is a table and one line', () => {
  expect(ciReport(state([live('db')]), { ok: true, exitCode: 0, problems: [] })).toBe(`
RESOURCE  UPDATE  RUNTIME  DURATION
db        ok      Running  1.2 s

ok: all ready
`);
});

test('without a resource there is no table: what is wrong is said on stderr', () => {
  const broken: Problem = { kind: 'yours', code: 'S102', what: 'unknown key' };
  expect(ciReport(state([]), { ok: false, exitCode: 2, problems: [broken] })).toBe('');
});

test('each failure is told with its own log, also that of what had not failed yet', () => {
  const crash: Problem = { kind: 'step', code: 'S350', what: 'db crashed', logTail: ['no disk', '[BackOff ×4] again'] };
  const late: Problem = { kind: 'timeout', code: 'S628', what: 'not up after 3 s: db (crashed once)' };
  const waiting = live('db', 1, { runtime: { status: 'pending', text: 'Running', problem: crash } });
  const verdict = { ok: false, exitCode: 6, problems: [late, crash] };
  const shown = state([waiting, live('web', 1, { runtime: { status: 'pending', text: 'waiting for pods' } })]);
  const report = ciReport(shown, verdict);
  expect(report).toContain(
    'not up after 3 s: db (crashed once)\n\ndb: db crashed\n  │ no disk\n  │ [BackOff ×4] again\n\nfailed, exit code 6\n',
  );
  const cases = junit(shown, verdict);
  expect(cases).toMatch(/name="db"[^\n]*\n +<failure [^\n]*no disk/);
  expect(cases).toMatch(/name="web"[^\n]*\n +<skipped message="not ready: waiting for pods"/);
  expect(cases).toMatch(/name="session"[^\n]*\n +<failure type="S628"/);
});

test('the longest chain counts each resource once and survives a circle', () => {
  const circle = state([
    live('a', 1, { needs: [{ name: 'b', update: 'order' }] }),
    live('b', 1, { needs: [{ name: 'a', update: 'order' }] }),
  ]);
  expect(criticalPath(circle)).toEqual({ names: ['b', 'a'], ms: 2_400 });
  expect(criticalPath(state([live('a')]))).toEqual({ names: [], ms: 0 });
});

test('JUnit has a case per resource, escaped, without characters XML cannot have', () => {
  const other: Problem = { kind: 'unavailable', code: 'S303', what: 'cluster out of reach' };
  expect(junit(shown, { ...bad, problems: [problem, other] })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="2" errors="0" skipped="1" time="3.200">
  <testsuite name="sluice" tests="4" failures="2" errors="0" skipped="1" time="3.200">
    <testcase classname="sluice" name="db" time="1.200"/>
    <testcase classname="sluice" name="web" time="2.000">
      <failure type="S210" message="npm ci failed: &lt;404&gt; &amp; &quot;more&quot;">web/Dockerfile:3:1&#10;hint: check the name&#10;npm ERR! 404&#10;a\ufffd[2Jb ]]&gt;</failure>
    </testcase>
    <testcase classname="sluice" name="docs" time="0.000">
      <skipped message="disabled"/>
    </testcase>
    <testcase classname="sluice" name="session" time="0.000">
      <failure type="S303" message="cluster out of reach"></failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('annotations are escaped as GitHub reads them', () => {
  const hostile: Problem = {
    kind: 'yours',
    code: 'S100',
    what: '100% wrong\n::error::x',
    at: { file: 'a,b:c.yaml', line: 2, column: 5 },
  };
  expect(githubAnnotations([hostile, { kind: 'step', code: 'S001', what: 'no place' }])).toBe(
    '::error file=a%2Cb%3Ac.yaml,line=2,col=5,title=S100::100%25 wrong%0A::error::x\n::error title=S001::no place\n',
  );
});

test('a place is seen from where the command runs: GitHub knows files of the checkout alone', () => {
  const at = { file: join(process.cwd(), 'k8s', 'web.yaml'), line: 2, column: 5 };
  expect(githubAnnotations([{ kind: 'yours', code: 'S312', what: 'no', at }])).toContain(
    'file=k8s/web.yaml,line=2,col=5',
  );
});
