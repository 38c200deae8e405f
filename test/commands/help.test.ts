// Help of every command, and commands that are interrupted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, processesWith } from '../support/facts.ts';
import { environment, program, runtimeDir, sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const names = [
  ...['up', 'ci', 'down', 'plan', 'explain', 'doctor', 'init', 'status', 'logs', 'trigger', 'cancel', 'enable'],
  ...['disable', 'restart', 'mode', 'wait', 'stop', 'schema', 'replay', 'completion', 'mcp'],
  ...['run', 'exec', 'pull'],
];

it('lists every command once in the overview', async () => {
  const overview = await sluice(tempProject(), ['--help']);
  expect(overview.code).toBe(0);
  const listed = [...overview.stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...names].sort());
});

it.each(names)('%s has a page of its own', async (name) => {
  const page = await sluice(tempProject(), [name, '--help']);
  expect(page).toMatchObject({ code: 0, stderr: '' });
  expect(page.stdout).toMatch(new RegExp(`^Usage: sluice ${name} \\[options\\]`));
  expect(page.stdout).not.toMatch(/#\d|\.\.\./);
});

it('a command that is interrupted ends with 130, and so does what it started', async () => {
  const mark = `sluice-test-${process.pid}`;
  const dir = tempProject({
    'sluice.yaml': `kubernetes: {manifests: [{command: "touch begun; sleep 987; : ${mark}", deps: [x]}]}\n`,
  });
  const child = spawn(process.execPath, [program, 'plan'], {
    cwd: dir,
    env: environment({ XDG_RUNTIME_DIR: runtimeDir() }),
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await eventually(() => (existsSync(join(dir, 'begun')) ? true : null), 'the renderer runs');
  child.kill('SIGINT');
  expect((await once(child, 'close'))[0]).toBe(130);
  expect(processesWith(mark)).toEqual([]);
});
