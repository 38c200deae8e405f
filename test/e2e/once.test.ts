// `up --once` and `ci`: for scripts. They end by themselves, and the exit code says how it went.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort, processesWith } from '../support/facts.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { helloProject } from './hello-project.ts';

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
