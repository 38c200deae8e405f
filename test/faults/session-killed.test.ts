// kill -9, or what comes to the same (out of memory): whoever comes next ends what was left, and nothing else.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, processesWith } from '../support/facts.ts';
import { environment, program, runtimeDir, sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { row, since } from './row.ts';

const unique = (): string => `${1_000_000 + Math.floor(Math.random() * 1_000_000_000)}`;

/** `up` in `dir`, until `isUp`. */
async function begun(dir: string, env: NodeJS.ProcessEnv, isUp: () => boolean): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'up', '--plain'], { cwd: dir, env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGINT'));
  await eventually(() => isUp() || null, 'all runs', 30_000);
  // What runs has been noted by then; what does not say so in its environment is known by nothing else.
  await eventually(
    () => readdirSync(join(dir, '.sluice')).some((name) => name.startsWith('running-')) || null,
    'noted',
  );
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

it('whatever command comes next ends what a killed session had left, and leaves another project alone', async () => {
  const mark = unique();
  const sleeps = () => processesWith(`sleep ${mark}`).filter((line) => /^\d+ sleep/.test(line));
  const text = `local:
  plain: {serve: exec sleep ${mark}}
  stubborn: {serve: 'trap "" TERM INT HUP; setsid sleep ${mark} & while :; do sleep ${mark}; done'}
  away: {serve: exec env -i sleep ${mark}}
  build: {cmd: sleep ${mark}}
`;
  const env = environment({ XDG_RUNTIME_DIR: runtimeDir() });
  const other = tempProject({ 'sluice.yaml': `local: {plain: {serve: exec sleep ${mark}}}\n` });
  const neighbour = await begun(other, env, () => sleeps().length === 1);
  const dir = tempProject({ 'sluice.yaml': text, 'once.yaml': 'local: {a: {cmd: "true"}}\n' });
  const link = `${tempProject()}/link`;
  symlinkSync(dir, link);
  const runs = [
    ['up', '--once', '--plain', 'plain'],
    ['ci', 'plain', '--stable', '0'],
    ['down'],
    ['up', '--once', '--plain', 'plain', '-f', join(link, 'sluice.yaml')],
  ];
  for (const command of runs) {
    const session = await begun(dir, env, () => sleeps().length === 6);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await killed(session);
    const unrelated = await sluice(dir, ['up', '--once', '--plain', '-f', 'once.yaml'], { env });
    expect(unrelated.code).toBe(0);
    expect(sleeps().length).toBe(6);
    const start = performance.now();
    const { stdout, stderr } = await sluice(dir, command, { env });
    expect(stdout + stderr).toMatch(
      /ended \d processes that the session before \(pid \d+\), which was killed, had left/,
    );
    expect(sleeps().length).toBe(1);
    // How long things take stays known; of processes nothing is noted any more.
    expect(readdirSync(join(dir, '.sluice')).filter((name) => !/^(\.gitignore|durations.*\.json)$/.test(name))).toEqual(
      [],
    );
    if (command === runs[0])
      row('kill -9 with local servers, some deaf to SIGTERM', `ended by the next up after ${since(start)}`);
  }
  neighbour.kill('SIGINT');
  expect(await once(neighbour, 'exit')).toEqual([130, null]);
});

it('of two sessions on one directory the second is refused, whatever path and environment it comes by', async () => {
  const mark = unique();
  const dir = tempProject({ 'sluice.yaml': `local: {plain: {serve: exec sleep ${mark}}}\n` });
  const env = environment({ XDG_RUNTIME_DIR: runtimeDir() });
  const session = await begun(dir, env, () => processesWith(`sleep ${mark}`).length === 1);
  const place = tempProject();
  symlinkSync(dir, join(place, 'link'));
  symlinkSync(join(dir, 'sluice.yaml'), join(place, 'file'));
  mkdirSync(join(dir, 'below'));
  const ways: readonly (readonly [string, readonly string[], Record<string, string>])[] = [
    [dir, [], {}],
    [join(place, 'link'), [], {}],
    [place, ['-f', 'link/sluice.yaml'], {}],
    [join(dir, 'below'), [], {}],
    [dir, [], { XDG_RUNTIME_DIR: runtimeDir() }],
    [dir, [], { XDG_RUNTIME_DIR: '', TMPDIR: place }],
  ];
  for (const [from, args, over] of ways) {
    const { code, stderr } = await sluice(from, ['up', '--plain', ...args], { env: { ...env, ...over } });
    expect(stderr).toContain(`already up in another session (pid ${session.pid})`);
    expect(code).toBe(2);
  }
  expect(processesWith(`sleep ${mark}`).length).toBe(1);
  session.kill('SIGINT');
  await once(session, 'exit');
  expect(existsSync(join(dir, '.sluice/running-sluice.yaml.json'))).toBe(false);
});
