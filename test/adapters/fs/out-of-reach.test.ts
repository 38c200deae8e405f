// A directory that may not be looked into, or whose disk fails, is not an empty one: nothing in it counts as removed.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Scanned, scanDir } from '../../../src/adapters/fs/scan.ts';
import { confirm } from '../../../src/adapters/fs/watch/confirmation.ts';
import { FileIndex } from '../../../src/adapters/fs/watch/file-index.ts';
import { watchedSet } from '../../../src/adapters/fs/watch/watched-set.ts';
import { tempProject } from '../../support/temp.ts';

const root = process.geteuid?.() === 0;
const NOBODY = 65_534;

/** As a user who has no rights but what everybody has. */
async function asNobody<T>(work: () => T | Promise<T>): Promise<T> {
  if (root) process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

it.each([
  ['not be read', 0o300],
  ['not be searched', 0o600],
  ['neither', 0o000],
])('a directory that may %s', async (_, mode) => {
  const dir = tempProject({ 'sub/deep/a': '1', 'sub/b': '2' });
  chmodSync(dir, 0o755);
  const [sub, deep] = [join(dir, 'sub'), join(dir, 'sub/deep')];
  const files = [join(deep, 'a'), join(sub, 'b')];
  const set = watchedSet({
    dir,
    targets: [{ id: 'x', files: { roots: [dir], filters: [{ base: dir, patterns: [] }] } }],
  });
  const index = new FileIndex();
  const missing: string[] = [];
  const unread = new Map<string, string | undefined>();
  const on: Scanned = {
    has: (path) => set.has(path),
    descends: () => true,
    differs: () => {},
    isDir: () => {},
    missing: (path) => missing.push(path),
    looked: (path, error) => (error ? unread.set(path, error.code) : unread.delete(path)),
  };
  const look = () => {
    for (const each of [dir, sub, deep]) scanDir(index, each, on);
  };
  look();
  await confirm(index, set, files);
  expect(index.files).toBe(2);

  chmodSync(sub, mode);
  onTestFinished(() => chmodSync(sub, 0o755));
  await asNobody(async () => {
    look();
    expect(missing).toEqual([]);
    expect(unread.get(sub)).toBe('EACCES');
    expect(await confirm(index, set, files)).toEqual([]);
  });
  chmodSync(sub, 0o755);
  look();
  expect([missing, [...unread]]).toEqual([[], []]);
  writeFileSync(files[0] as string, '3');
  rmSync(files[1] as string);
  look();
  expect(missing).toEqual([files[1]]);
  const changes = await confirm(index, set, files);
  expect(changes.map(({ path, kind }) => [path, kind])).toEqual([
    [files[0], 'changed'],
    [files[1], 'removed'],
  ]);
});

it('one that has become a file holds nothing', async () => {
  const dir = tempProject({ 'sub/a': '1' });
  const sub = join(dir, 'sub');
  const index = new FileIndex();
  const missing: string[] = [];
  const has = () => true;
  const on: Scanned = {
    has,
    descends: has,
    differs: () => {},
    isDir: () => {},
    missing: (path) => missing.push(path),
    looked: () => {},
  };
  const set = watchedSet({ dir, targets: [{ id: 'x', files: { roots: [dir], filters: [] } }] });
  scanDir(index, sub, on);
  await confirm(index, set, [join(sub, 'a')]);
  rmSync(sub, { recursive: true });
  writeFileSync(sub, 'now a file');
  scanDir(index, sub, on);
  expect(missing).toContain(join(sub, 'a'));
});
