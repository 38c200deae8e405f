// `up --once` and `ci`: for scripts. They end by themselves, and the exit code says how it went.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drive } from '../../support/drive.ts';
import { freePort, processesWith } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';
import { helloProject } from '../hello-project.ts';

describe('up --once', () => {
  it('ends with 0 when everything is built and ready, and takes its servers with it', async () => {
    const { dir, env } = await helloProject();
    const { code, stdout, stderr } = await sluice(dir, ['up', '--once', '--plain'], { env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/api +│ api listens on/);
    expect(code).toBe(0);
    expect(processesWith(dir)).toEqual([]);
  });

  it('ends with 3 when a command fails, and shows its last lines', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local:\n  gen: {cmd: "echo no such flag >&2; exit 7"}\n' });
    const { code, stdout, stderr } = await sluice(dir, ['up', '--once', '--plain']);
    expect(code).toBe(3);
    expect(stdout + stderr).toContain('no such flag');
  });

  it('runs what is needed first', async () => {
    const dir = tempProject({
      'sluice.yaml':
        'local:\n  b: {cmd: cat a.out > b.out}\n  a: {cmd: echo a > a.out}\nresources:\n  b: {needs: [a]}\n',
    });
    expect(await sluice(dir, ['up', '--once', '--plain'])).toMatchObject({ code: 0 });
  });

  it('brings up only what is named, and what that needs', async () => {
    const dir = tempProject({
      'sluice.yaml':
        'local:\n  a: {cmd: echo}\n  b: {cmd: "true"}\n  c: {cmd: exit 1}\nresources:\n  b: {needs: [a]}\n',
    });
    expect(await sluice(dir, ['up', 'b', '--once', '--plain'])).toMatchObject({ code: 0 });
  });

  it('finds the configuration upwards from where it is started', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local:\n  a: {cmd: test -f sluice.yaml}\n' });
    mkdirSync(join(dir, 'deep/down'), { recursive: true });
    expect(await sluice(join(dir, 'deep/down'), ['up', '--once', '--plain'])).toMatchObject({ code: 0 });
  });
});

describe('ci', () => {
  it('of nothing says so, and writes the report that was asked for, also beside the stream', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local: {}\n' });
    const { code, stdout } = await sluice(dir, ['ci', '--junit', 'ci.xml']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('there is nothing to bring up: no resources')]);
    expect(readFileSync(join(dir, 'ci.xml'), 'utf8')).toContain('tests="0"');
    expect((await sluice(dir, ['ci', '--json', '--junit', 'json.xml'])).code).toBe(0);
    expect(readFileSync(join(dir, 'json.xml'), 'utf8')).toContain('tests="0"');
    const full = await sluice(dir, ['ci', '--junit', '/dev/full']);
    expect([full.code, full.stderr]).toEqual([
      1,
      expect.stringContaining('the report /dev/full cannot be written: ENOSPC'),
    ]);
  });

  it('ends with 5 when a server cannot stay up', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local:\n  dead: {serve: "echo cannot bind; exit 4", restart: no}\n' });
    const { code, stdout, stderr } = await sluice(dir, ['ci', '--timeout', '60s', '--stable', '2s']);
    expect(code).toBe(5);
    expect(stdout + stderr).toContain('cannot bind');
  });

  it('ends with 6 when it is not ready in time', async () => {
    const port = await freePort();
    const config = `local:\n  slow: {serve: exec sleep 1000, ready: {tcp: ${port}, failures: 1000}}\n`;
    const dir = tempProject({ 'sluice.yaml': config });
    const { code, stdout, stderr } = await sluice(dir, ['ci', '--timeout', '2s']);
    expect(code).toBe(6);
    expect(stdout + stderr).toContain('slow');
  });
});

describe('what stands in the way is told', () => {
  it('a probe’s words: in the failure of ci, in the state, in the log once, and by wait', async () => {
    const config = 'local:\n  foo: {serve: "exec sleep 600", ready: {exec: "echo no migration yet >&2; exit 4"}}\n';
    const words = 'ended with exit code 4: no migration yet';
    const dir = tempProject({ 'sluice.yaml': config });
    const { code, stdout, stderr } = await sluice(dir, ['ci', '--timeout', '6s', '--junit', 'j.xml']);
    expect(code).toBe(6);
    expect(stdout.match(/│ \[probe\].*no migration yet/g)).toHaveLength(1);
    for (const text of [stderr, readFileSync(join(dir, 'j.xml'), 'utf8')]) expect(text).toContain(words);
    const session = drive(dir);
    const state = await session.until((now) => now.resources.foo?.runtime.problem !== undefined, 'the probe is heard');
    expect(state.resources.foo?.runtime).toMatchObject({ status: 'pending', problem: { code: 'S423' } });
    const waited = await sluice(dir, ['wait', '--timeout', '2s'], { env: session.env });
    expect(waited.code).toBe(6);
    expect(waited.stderr).toContain(words);
    await session.stop();
  });

  it('a broken configuration: once, on stderr, with its place as seen from here, and nothing on stdout', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local:\n  a:\n    cmdd: echo hi\n', 'deep/down/x': '' });
    for (const from of ['', 'deep/down']) {
      const { code, stdout, stderr } = await sluice(join(dir, from), ['ci', '--junit', join(dir, 'j.xml')]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr.match(/cmdd in local\.a/g)).toHaveLength(1);
      expect(stderr).toContain(from ? 'at ../../sluice.yaml:3:5\n' : 'at sluice.yaml:3:5\n');
    }
  });

  it('up --once forgives crashes as ci does, and both say what is wrong with their options', async () => {
    const serve = 'test -f up && exec sleep 600; touch up; exit 1';
    const dir = () => tempProject({ 'sluice.yaml': `local:\n  web: {serve: "${serve}", restart: on-failure}\n` });
    expect(await sluice(dir(), ['up', '--once', '--plain'])).toMatchObject({ code: 0 });
    expect(await sluice(dir(), ['up', '--once', '--plain', '--retries', '0'])).toMatchObject({ code: 5 });
    for (const args of [
      ['up', '--retries', '1'],
      ['ci', '--retries', '-1'],
      ['up', '--once', '--timeout', 'soon'],
    ])
      expect(await sluice(dir(), args)).toMatchObject({ code: 2, stdout: '' });
  });
});
