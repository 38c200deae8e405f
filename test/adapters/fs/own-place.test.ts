// What sluice makes for itself stands where it says, and belongs to its user alone.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, notesDir, save } from '../../../src/adapters/fs/notes.ts';
import { makeFile, ownDirectory, readOwn } from '../../../src/adapters/fs/own-place.ts';
import { createProbe } from '../../../src/adapters/fs/watch/probe.ts';
import { createLogStore } from '../../../src/logs/store.ts';
import { limits } from '../../../src/model/limits.ts';
import { tempProject } from '../../support/temp.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** A project, and a directory outside of it that must stay empty. */
function trap(): { readonly dir: string; readonly outside: string } {
  const [dir, outside] = [tempProject(), tempProject()];
  return { dir, outside };
}

describe('a directory of ours', () => {
  it('is closed to others, made now or before', () => {
    const dir = tempProject();
    expect(modeOf(ownDirectory(dir, 'a', 'b'))).toBe(0o700);
    expect(modeOf(join(dir, 'a'))).toBe(0o700);
    chmodSync(join(dir, 'a'), 0o777);
    ownDirectory(dir, 'a');
    expect(modeOf(join(dir, 'a'))).toBe(0o700);
  });

  it.each([
    ['a link to a directory', (path: string, outside: string) => symlinkSync(outside, path)],
    ['a link that leads nowhere', (path: string, outside: string) => symlinkSync(join(outside, 'gone'), path)],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
  ])('is not %s, on any level', (_, plant) => {
    const { dir, outside } = trap();
    plant(join(dir, 'link'), outside);
    for (const names of [['link'], ['link', 'below']])
      expect(() => ownDirectory(dir, ...names)).toThrow(`${dir}/link is a link`);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('may be reached through a link above, which is the user’s choice', () => {
    const { dir, outside } = trap();
    symlinkSync(dir, join(outside, 'project'));
    expect(ownDirectory(join(outside, 'project'), '.sluice')).toBe(join(outside, 'project', '.sluice'));
    expect(existsSync(join(dir, '.sluice'))).toBe(true);
  });

  it.runIf(process.getuid?.() === 0)('is none of another user, who is not the owner of the project either', () => {
    const dir = tempProject();
    mkdirSync(join(dir, 'theirs'));
    execFileSync('chown', ['12345', join(dir, 'theirs')]);
    expect(() => ownDirectory(dir, 'theirs')).toThrow('belongs to another user (uid 12345)');
    execFileSync('chown', ['12345', dir]);
    expect(modeOf(ownDirectory(dir, 'theirs'))).toBe(0o700);
  });
});

describe('with a link planted', () => {
  it('at .sluice, nobody writes through it', async () => {
    const { dir, outside } = trap();
    symlinkSync(outside, join(dir, '.sluice'));
    await expect(save(dir, 'images', {})).rejects.toMatchObject({ problem: { code: 'S508' } });
    const probe = createProbe(dir);
    expect(await probe.pass()).toBe(false);
    probe.close();
    expect(readdirSync(outside)).toEqual([]);
  });

  it('at .sluice/logs, older lines are lost and that is said', async () => {
    const { dir, outside } = trap();
    mkdirSync(join(dir, '.sluice'));
    symlinkSync(outside, join(dir, '.sluice/logs'));
    const logs = createLogStore({
      dir: join(dir, '.sluice/logs'),
      makeDir: () => void notesDir(dir, 'logs'),
    });
    const origin = { resource: 'a', source: 'runtime' as const };
    for (let i = 0; i <= limits.logLinesPerResource + limits.logBlockLines; i++) logs.line(origin, 'info', `${i}`, 0);
    await expect
      .poll(() => logs.tailText({ resources: ['a'], sources: ['engine'] }, 1).join())
      .toContain(`S601: older log lines cannot be kept: ${dir}/.sluice/logs is a link`);
    await logs.close();
    expect(readdirSync(outside)).toEqual([]);
    expect(lstatSync(join(dir, '.sluice/logs')).isSymbolicLink()).toBe(true);
  });

  it('at a file, it is replaced or left, and never followed', async () => {
    const { dir, outside } = trap();
    mkdirSync(join(dir, '.sluice'));
    for (const name of ['images.json', '.gitignore', 'x']) symlinkSync(join(outside, name), join(dir, '.sluice', name));
    await save(dir, 'images', { a: 1 });
    expect(await load(dir, 'images')).toEqual({ a: 1 });
    expect(() => makeFile(join(dir, '.sluice/x'), '')).toThrow('EEXIST');
    expect(readdirSync(outside)).toEqual([]);
  });
});

it('a note that is a pipe, a device or a link to a file is none, and nothing waits for it', async () => {
  const dir = tempProject({ '.sluice/real.json': '{}', 'other.json': '{"a":1}' });
  execFileSync('mkfifo', [join(dir, '.sluice/pipe.json')]);
  symlinkSync('/dev/zero', join(dir, '.sluice/zero.json'));
  symlinkSync(join(dir, 'other.json'), join(dir, '.sluice/link.json'));
  expect(await load(dir, 'real')).toEqual({});
  for (const name of ['pipe', 'zero', 'link', 'gone']) expect(await load(dir, name)).toBeNull();
  expect(readOwn(dir)).toBeNull();
});

it('a note is read once for each file that stands there, whoever wrote it', async () => {
  const dir = tempProject();
  expect(await load(dir, 'note')).toBeNull();
  await save(dir, 'note', { a: 1 });
  const first = await load(dir, 'note');
  expect(first).toEqual({ a: 1 });
  expect(await load(dir, 'note')).toBe(first);
  await save(dir, 'note', { a: 2 });
  expect(await load(dir, 'note')).toEqual({ a: 2 });
  const path = join(dir, '.sluice', 'note.json');
  writeFileSync(path, '{"a": "by hand"}');
  expect(await load(dir, 'note')).toEqual({ a: 'by hand' });
  writeFileSync(path, '{"a": ');
  expect(await load(dir, 'note')).toBeNull();
  rmSync(path);
  expect(await load(dir, 'note')).toBeNull();
});
