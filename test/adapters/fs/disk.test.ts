import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import type { FileSet } from '../../../src/model/config.ts';
import { problemOf } from '../../../src/model/problems/problem.ts';
import { eventually } from '../../support/facts.ts';
import { oddNames, tellTree, writeOddNames } from '../../support/names.ts';
import { tempProject } from '../../support/temp.ts';

const disk = createDisk();
const never = new AbortController().signal;
const all = (dir: string, ...patterns: string[]): FileSet => ({ roots: [dir], filters: [{ base: dir, patterns }] });
const sha = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error) => problemOf(error),
  );

/** What tar(1) finds in the archive. */
function unpacked(dir: string, archive: Buffer): string {
  mkdirSync(join(dir, 'out'));
  execFileSync('tar', ['-x', '-C', join(dir, 'out')], { input: archive });
  return join(dir, 'out');
}

test('lists what belongs to the set, sorted and hashed, links as links', async () => {
  const dir = tempProject({ 'b.js': 'b', 'a/x.js': 'x', 'a/skip.md': '', 'dist/big.js': '', 'dist/keep.js': 'k' });
  symlinkSync('../b.js', join(dir, 'a/link'));
  chmodSync(join(dir, 'b.js'), 0o755);
  const entries = await disk.hash(await disk.list(dir, all(dir, '**/*.md', 'dist', '!dist/keep.js'), never), never);
  expect(entries.map(({ path, type, hash, target }) => [path, type, hash, target])).toEqual([
    ['a', 'dir', '', undefined],
    ['a/link', 'symlink', sha('../b.js'), '../b.js'],
    ['a/x.js', 'file', sha('x'), undefined],
    ['b.js', 'file', sha('b'), undefined],
    ['dist/keep.js', 'file', sha('k'), undefined],
  ]);
  expect(entries.at(3)).toMatchObject({ source: join(dir, 'b.js'), mode: 0o755, size: 1 });
});

test('lists single files and directories as roots, and nothing that is missing', async () => {
  const dir = tempProject({ 'package.json': '{}', 'src/a.js': '', 'other/b.js': '' });
  const roots = [join(dir, 'package.json'), join(dir, 'src'), join(dir, 'gone')];
  const entries = await disk.list(dir, { roots, filters: [] }, never);
  expect(entries.map(({ path }) => path)).toEqual(['package.json', 'src', 'src/a.js']);
});

test('a changed file of the same size gets a new hash, also within the same moment and with its time put back', async () => {
  const dir = tempProject({ a: 'one' });
  const hash = async () => (await disk.hash(await disk.list(dir, all(dir), never), never))[0]?.hash;
  expect(await hash()).toBe(sha('one'));
  writeFileSync(join(dir, 'a'), 'two');
  expect(await hash()).toBe(sha('two'));
  utimesSync(join(dir, 'a'), 1_000, 1_000);
  expect(await hash()).toBe(sha('two'));
  writeFileSync(join(dir, 'b'), 'new');
  utimesSync(join(dir, 'b'), 1_000, 1_000);
  renameSync(join(dir, 'b'), join(dir, 'a'));
  expect(await hash()).toBe(sha('new'));
});

test('our own notes are never part of a set, unfollowed links lead nowhere', async () => {
  const dir = tempProject({ a: '' });
  const outside = tempProject({ secret: '' });
  symlinkSync(outside, join(dir, 'link'));
  await disk.save(dir, 'images', {});
  expect((await disk.list(dir, all(dir), never)).map(({ path }) => path)).toEqual(['a', 'link']);
});

test('files that come and go while a tree is listed are left out without a failure', async () => {
  const dir = tempProject();
  for (let i = 0; i < 300; i++) writeFileSync(join(dir, `f${i}`), 'x');
  const listing = disk.list(dir, all(dir), never);
  for (let i = 0; i < 300; i += 2) rmSync(join(dir, `f${i}`));
  const names = new Set((await listing).map(({ path }) => path));
  for (let i = 1; i < 300; i += 2) expect(names.has(`f${i}`)).toBe(true);
});

test('files that vanish before they are hashed are left out without a failure', async () => {
  const dir = tempProject({ kept: 'x', gone: 'x' });
  const listed = await disk.list(dir, all(dir), never);
  rmSync(join(dir, 'gone'));
  expect((await disk.hash(listed, never)).map(({ path }) => path)).toEqual(['kept']);
});

test('a root behind a link is no part of the tree, and neither is one below an ignored directory', async () => {
  const dir = tempProject({ 'src/a.js': '', 'dist/b.js': '' });
  const outside = tempProject({ 'secret.js': '' });
  symlinkSync(outside, join(dir, 'link'));
  const roots = ['src/a.js', 'link/secret.js', 'dist/b.js', 'src/a.js/none'].map((path) => join(dir, path));
  const entries = await disk.list(dir, { roots, filters: [{ base: dir, patterns: ['dist'] }] }, never);
  expect(entries.map(({ path }) => path)).toEqual(['src/a.js']);
});

test('a listing stops when told to', async () => {
  const dir = tempProject({ a: '' });
  await expect(disk.list(dir, all(dir), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test('packs files, links, directories and extra files, prefix and owners as asked', async () => {
  const big = 'z'.repeat(3_000_000);
  const long = `${'d'.repeat(120)}/${'é'.repeat(100)}.js`;
  const dir = tempProject({ 'a/x.js': 'x', big, [long]: 'long', empty: '' });
  symlinkSync('x.js', join(dir, 'a/link'));
  const entries = await disk.list(dir, all(dir), never);
  const options = {
    prefix: 'app/',
    uid: 7,
    gid: 8,
    extra: [{ path: 'Dockerfile', content: 'FROM scratch', mode: 0o600 }],
  };
  const archive = await buffer(disk.tar(entries, options));
  const listing = execFileSync('tar', ['-tv', '--numeric-owner', '-f', '-'], { input: archive, encoding: 'utf8' });
  expect(listing.split('\n')[0]).toMatch(/^-rw------- 7\/8 +12 1970-01-01 00:00 app\/Dockerfile$/);
  const out = unpacked(dir, archive);
  expect(readFileSync(join(out, 'app/a/link'), 'utf8')).toBe('x');
  expect(readFileSync(join(out, 'app/big'), 'utf8') === big).toBe(true);
  expect(readFileSync(join(out, 'app', long), 'utf8')).toBe('long');
  expect(readFileSync(join(out, 'app/empty'), 'utf8')).toBe('');
});

test.each([
  ['GNU tar', 'tar'],
  ['busybox', 'busybox tar'],
])('carries every name, listed, hashed and packed, as %s unpacks it', async (_, unpack) => {
  const [from, to] = [tempProject(), tempProject()];
  writeOddNames(from);
  const entries = await disk.hash(await disk.list(from, all(from), never), never);
  execFileSync('sh', ['-c', `${unpack} xf - -C "$1"`, 'sh', to], { input: await buffer(disk.tar(entries)) });
  expect(tellTree(to)).toEqual(tellTree(from));
  const contents = entries.filter(({ type }) => type === 'file');
  expect(contents.map(({ hash }) => hash).sort()).toEqual(oddNames.map((name) => sha(name)).sort());
});

test('the same files give the same bytes', async () => {
  const dir = tempProject({ a: '1', 'b/c': '2' });
  const pack = async () => buffer(disk.tar(await disk.list(dir, all(dir), never)));
  const before = await pack();
  utimesSync(join(dir, 'a'), 1_000, 1_000);
  expect((await pack()).equals(before)).toBe(true);
});

test('a file that vanished or shrank ends the archive with a problem that names it; one that grew is cut', async () => {
  const dir = tempProject({ a: 'a'.repeat(2_000_000), b: 'b' });
  const entries = await disk.list(dir, all(dir), never);
  rmSync(join(dir, 'b'));
  const gone = await failure(buffer(disk.tar(entries)));
  expect(gone).toMatchObject({ code: 'S503', what: expect.stringContaining(`${join(dir, 'b')} vanished`) });

  writeFileSync(join(dir, 'b'), 'longer than before');
  const archive = await buffer(disk.tar(entries));
  expect(readFileSync(join(unpacked(dir, archive), 'b'), 'utf8')).toBe('longer than before');

  const reading = disk.tar(entries);
  await new Promise((resolve) => reading.once('readable', () => resolve(null)));
  truncateSync(join(dir, 'a'), 10);
  const shrunk = await failure(buffer(reading));
  expect(shrunk).toMatchObject({ code: 'S503', what: expect.stringContaining('became shorter') });
});

test('an archive nobody reads holds little in memory, and one that is dropped closes its file', async () => {
  const dir = tempProject();
  writeFileSync(join(dir, 'big'), Buffer.alloc(64 * 1024 * 1024));
  const archive: Readable = disk.tar(await disk.list(dir, all(dir), never));
  await new Promise((resolve) => archive.once('readable', () => resolve(null)));
  const open = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(dir)).length;
  expect(open()).toBe(1);
  archive.destroy();
  await eventually(() => open() === 0 || null, 'the file is closed', 5_000);
});

function linkOf(fd: string): string {
  try {
    return execFileSync('readlink', [`/proc/${process.pid}/fd/${fd}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

test('notes are kept whole, in a directory that git ignores', async () => {
  const dir = tempProject();
  expect(await disk.load(dir, 'images')).toBeNull();
  await Promise.all([1, 2, 3, 4].map((i) => disk.save(dir, 'images', { i })));
  expect(await disk.load(dir, 'images')).toEqual({ i: expect.any(Number) });
  expect(readdirSync(join(dir, '.sluice')).sort()).toEqual(['.gitignore', 'images.json']);
  writeFileSync(join(dir, '.sluice/images.json'), '{"half');
  expect(await disk.load(dir, 'images')).toBeNull();
  await disk.save(dir, 'images', { i: 5 });
  expect(await disk.load(dir, 'images')).toEqual({ i: 5 });
  rmSync(join(dir, '.sluice/images.json'));
  expect(await disk.load(dir, 'images')).toBeNull();
});

test('what cannot be read or written is a problem that names the path', async () => {
  const dir = tempProject({ a: '' });
  expect(await failure(disk.readText(join(dir, 'gone')))).toMatchObject({
    code: 'S502',
    what: `${dir}/gone does not exist`,
  });
  expect(await failure(disk.save(join(dir, 'a'), 'x', 1))).toMatchObject({ code: 'S505' });
  expect(await disk.exists(join(dir, 'a'))).toBe(true);
  expect(await disk.exists(join(dir, 'b'))).toBe(false);
  expect(existsSync(join(dir, '.sluice'))).toBe(false);
});

test('an archive may be given up at any moment, by its reader or by a fault, and nobody hears an uncaught error', async () => {
  const dir = tempProject({ 'a.txt': 'a', 'big.bin': 'x'.repeat(2_000_000), 'd/e.txt': 'e', empty: '' });
  symlinkSync('a.txt', join(dir, 'link'));
  const whole = await disk.list(dir, all(dir), never);
  const uncaught: unknown[] = [];
  const hear = (error: unknown) => uncaught.push(error);
  process.prependListener('uncaughtException', hear).prependListener('unhandledRejection', hear);
  const extra = [{ path: 'Dockerfile', content: 'FROM scratch\n'.repeat(100) }];
  const firsts = [...whole.map((entry) => [entry, ...whole]), whole];
  for (const entries of firsts)
    for (const chunks of [0, 1, 2, 5])
      for (const error of [undefined, new Error('the reader went away')]) {
        const archive = disk.tar(entries, entries === whole ? { extra } : {});
        const closed = new Promise((resolve) => archive.once('close', resolve));
        let left = chunks;
        if (left === 0) archive.destroy(error);
        else archive.on('data', () => --left === 0 && archive.destroy(error));
        await closed;
      }
  // What was being opened or read has come to its end, and whoever wanted to throw has had a turn.
  await eventually(
    () => process.getActiveResourcesInfo().every((name) => !name.startsWith('FSReq')) || null,
    'no file is read',
  );
  await new Promise(setImmediate);
  process.off('uncaughtException', hear).off('unhandledRejection', hear);
  expect(uncaught).toEqual([]);
});
