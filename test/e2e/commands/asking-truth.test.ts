// What the commands that act on a session say is so: they end as soon as nothing more comes by itself, and follow what comes.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { drive } from '../../support/drive.ts';
import { environment, program, sluice } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';

it('a wait ends at once with the code of the cause when what it waits for will not come; status never says live for it', async () => {
  const dir = tempProject({
    'sluice.yaml': `local:
  fails: {cmd: "echo building; exit 3"}
  dep: {cmd: "echo hi"}
  never: {cmd: "echo never"}
  man: {cmd: "echo man", deps: [m.txt]}
  slow: {cmd: "[ $(cat c.txt) = 0 ] || exec sleep 1000", deps: [c.txt]}
resources:
  dep: {needs: [fails]}
  never: {start: false}
`,
    'm.txt': '0',
    'c.txt': '0',
  });
  const session = drive(dir);
  await session.idle();
  // Far beyond what an answer takes: one that came by the clock would show as 6.
  const wait = (...args: string[]) => sluice(dir, ['wait', ...args, '--timeout', '60s'], { env: session.env });
  const ask = (...args: string[]) => sluice(dir, args, { env: session.env });

  expect(await wait()).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('fails: the command exited with code 3'),
  });
  expect(await wait('dep')).toMatchObject({ code: 3, stderr: expect.stringContaining('dep is held by fails') });
  expect(await wait('never')).toMatchObject({ code: 1, stderr: expect.stringContaining('sluice trigger never') });
  expect(await wait('man', 'slow')).toMatchObject({ code: 0, stdout: 'ready\n' });

  await ask('mode', 'manual', 'man');
  writeFileSync(join(dir, 'm.txt'), '1');
  expect(await wait('--fresh', 'man')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('sluice trigger man'),
  });

  writeFileSync(join(dir, 'c.txt'), '1');
  await session.until((state) => state.resources.slow?.update.step === 'cmd', 'slow runs');
  await ask('cancel', 'slow');
  expect(await wait('--fresh', 'slow')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('slow was cancelled'),
  });
  expect((await ask('logs', 'slow')).stdout).toContain('cancelled at: cmd');

  await ask('disable', 'man');
  expect(await wait('man')).toMatchObject({ code: 1, stderr: expect.stringContaining('sluice enable man') });

  const { stdout } = await ask('status');
  const rows = Object.fromEntries(stdout.split('\n').map((line) => [line.split(/ +/)[0], line]));
  expect(rows.fails).toMatch(/failed +none +–/);
  expect(rows.dep).toMatch(/held: needs fails +none +–/);
  expect(rows.never).toMatch(/none +none +–/);
  expect(rows.man).toMatch(/disabled +disabled +–/);
  expect(rows.slow).toMatch(/cancelled +done +1 save behind/);

  writeFileSync(join(dir, 'sluice.yaml'), 'locl: {}\n');
  await session.until((state) => !state.config.ok, 'the configuration is broken');
  expect(await wait('--fresh')).toMatchObject({ code: 2, stderr: expect.stringContaining('sluice.yaml:1:1') });
  await ask('stop');
  await session.ended;
});

it('logs -f gives each line once and in order, however many come at once, and ends with the session', async () => {
  const dir = tempProject({
    'sluice.yaml': `local:
  chatty: {serve: "i=0; while [ $i -lt 12000 ]; do echo line $i; i=$((i+1)); done; exec sleep 1000"}
  hello: {cmd: echo hello}
resources:
  chatty: {start: false}
`,
  });
  const session = drive(dir);
  await session.idle();
  const follower = spawn(process.execPath, [program, 'logs', '-f', 'hello', 'chatty', '--tail', '5'], {
    cwd: dir,
    env: environment(session.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void follower.kill('SIGKILL'));
  let heard = '';
  follower.stdout.setEncoding('utf8').on('data', (text) => {
    heard += text;
  });
  const hears = (text: string) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (heard.includes(text)) resolve();
      };
      follower.stdout.on('data', look);
      look();
    });
  const ended = new Promise<number | null>((resolve) => follower.once('close', resolve));
  await hears('│ hello\n');
  await sluice(dir, ['trigger', 'chatty'], { env: session.env });
  await hears('line 11999\n');
  await sluice(dir, ['stop'], { env: session.env });
  expect(await ended).toBe(0);
  const lines = heard.split('\n').filter((line) => line.includes('│ line'));
  expect(lines).toEqual(Array.from({ length: 12_000 }, (_, i) => `chatty │ line ${i}`));
});

it('status --watch is told when something changes', async () => {
  const dir = tempProject({
    'sluice.yaml': 'local: {a: {cmd: "true", deps: [a.txt]}, b: {cmd: "true"}}\n',
    'a.txt': '1',
  });
  const session = drive(dir);
  await session.idle();
  const watcher = spawn(process.execPath, [program, 'status', 'a', '--watch'], {
    cwd: dir,
    env: environment(session.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void watcher.kill('SIGKILL'));
  let shown = '';
  const sees = (text: string) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (shown.includes(text)) resolve();
      };
      watcher.stdout.on('data', look);
      look();
    });
  watcher.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
  });
  await sees('0 of 0 changes live');
  writeFileSync(join(dir, 'a.txt'), '2');
  await sees('1 of 1 changes live');
  expect(shown).not.toMatch(/^b /m);
  await sluice(dir, ['stop'], { env: session.env });
  expect(await new Promise((resolve) => watcher.once('close', resolve))).toBe(0);
});
