// What is run of the bundle, with and without what an earlier run compiled, is the same.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runProgram } from '../../src/start/program.ts';
import { program } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

async function schema(cache: string, flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, 'schema'], {
    env: { ...process.env, XDG_CACHE_HOME: cache, NODE_DISABLE_COMPILE_CACHE: '', ...env },
  });
  return Object.keys(JSON.parse(stdout)).length;
}

it('a command keeps its code once, and again where it was spoilt or V8 cannot use it', async () => {
  const cache = tempProject({});
  const keys = await schema(cache);
  const dir = join(cache, 'sluice');
  const [name = ''] = readdirSync(dir);
  const path = join(dir, name);
  const kept = statSync(path);
  expect(name).toMatch(/-schema$/);

  expect(await schema(cache)).toBe(keys);
  expect(statSync(path).ino).toBe(kept.ino);

  writeFileSync(path, readFileSync(path).fill(0, 100, 200));
  expect(await schema(cache)).toBe(keys);
  expect(statSync(path).ino).not.toBe(kept.ino);

  const mended = statSync(path).ino;
  expect(await schema(cache, ['--max-lazy'])).toBe(keys);
  expect(statSync(path).ino).not.toBe(mended);
});

it('nothing is kept where it is not wanted or cannot be', async () => {
  const cache = tempProject({ file: '' });
  await schema(cache, [], { NODE_DISABLE_COMPILE_CACHE: '1' });
  await schema('/proc');
  await schema(join(cache, 'file'));
  await promisify(execFile)(process.execPath, [program, 'nonsense'], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
  }).catch(() => {});
  expect(readdirSync(cache)).toEqual(['file']);
});

it('what an update took away under a session is told as that', () => {
  const dir = tempProject({ 'main.js': "globalThis.later = () => require('./later.js');", 'later.js': '' });
  vi.stubGlobal('later', undefined);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  runProgram(dir, 'main.js', { kept: () => undefined, keep: () => {} });
  rmSync(join(dir, 'later.js'));
  const { later } = globalThis as unknown as { later: () => void };
  expect(later).toThrow(`${join(dir, 'later.js')} cannot be read: was sluice updated while it ran? Start it again`);
});
