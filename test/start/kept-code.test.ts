// Compiled code is run as it is read: only what is whole, of this build, and nobody else's to write is taken.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory } from '../../src/adapters/cache/own-files.ts';
import { limits } from '../../src/model/limits.ts';
import { codeKeeper } from '../../src/start/kept-code.ts';
import { tempProject } from '../support/temp.ts';

const scripts = new Map([
  ['main.js', Buffer.from('compiled main')],
  ['chunk-A.js', Buffer.from('compiled chunk')],
]);

function filled(): { readonly dir: string; readonly path: string } {
  const dir = join(tempProject({}), 'sluice');
  codeKeeper(dir, 'b1', 'up').keep(scripts);
  return { dir, path: join(dir, readdirSync(dir)[0] ?? '') };
}

const main = (dir: string | null, build = 'b1', command = 'up') =>
  codeKeeper(dir, build, command).kept('main.js')?.toString();

describe('compiled code', () => {
  it('is there for the next run of the same command and build, in a directory of the user alone', () => {
    const { dir, path } = filled();
    const keeper = codeKeeper(dir, 'b1', 'up');
    for (const [name, code] of scripts) expect(keeper.kept(name)).toEqual(code);
    expect(keeper.kept('other.js')).toBeUndefined();
    expect([main(dir, 'b2'), main(dir, 'b1', 'down'), main(null)]).toEqual([undefined, undefined, undefined]);
    expect([statSync(dir).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('of scripts that a later run loaded joins what is there', () => {
    const { dir } = filled();
    codeKeeper(dir, 'b1', 'up').keep(new Map([['tui.js', Buffer.from('compiled screen')]]));
    const keeper = codeKeeper(dir, 'b1', 'up');
    expect(['main.js', 'chunk-A.js', 'tui.js'].map((name) => keeper.kept(name)?.length)).toEqual([13, 14, 15]);
  });

  it('that is not whole is none, whatever of it was damaged', () => {
    const { dir, path } = filled();
    const whole = readFileSync(path);
    const damaged = Array.from(whole, (byte, at) =>
      Buffer.concat([whole.subarray(0, at), Buffer.of(byte ^ 1), whole.subarray(at + 1)]),
    );
    const short = Array.from(whole, (_, at) => whole.subarray(0, at));
    for (const each of [...damaged, ...short, Buffer.alloc(whole.length), Buffer.concat([whole, whole])]) {
      writeFileSync(path, each);
      expect(main(dir)).toBeUndefined();
    }
    codeKeeper(dir, 'b1', 'up').keep(scripts);
    expect(main(dir)).toBe('compiled main');
  });

  it.each([
    ['group may write to', (path: string) => chmodSync(path, 0o620)],
    ['anybody may write to', (path: string) => chmodSync(path, 0o602)],
    [
      'a link leads to',
      (path: string) => {
        writeFileSync(`${path}.real`, readFileSync(path), { mode: 0o600 });
        symlinkSync(`${path}.real`, `${path}.link`);
        renameSync(`${path}.link`, path);
      },
    ],
  ])('in a file that %s is none', (_, change) => {
    const { dir, path } = filled();
    change(path);
    expect(main(dir)).toBeUndefined();
  });

  it.each([
    ['that anybody may write to', (base: string) => chmodSync(base, 0o777)],
    [
      'whose place is taken by a link',
      (base: string) => {
        mkdirSync(join(base, 'elsewhere'));
        symlinkSync('elsewhere', join(base, 'sluice'));
      },
    ],
    ['whose place is taken by a file', (base: string) => writeFileSync(join(base, 'sluice'), '')],
  ])('is not kept in a cache directory %s, and that is no failure', (_, spoil) => {
    const base = tempProject({});
    spoil(base);
    codeKeeper(join(base, 'sluice'), 'b1', 'up').keep(scripts);
    expect(main(join(base, 'sluice'))).toBeUndefined();
  });

  it('is not kept where nothing can be written, and of what is no command', () => {
    const { dir } = filled();
    for (const place of ['/proc/sluice', '/dev/null/sluice']) codeKeeper(place, 'b1', 'up').keep(scripts);
    const odd = ['', '../../up', 'up/../x', 'a'.repeat(100), 'ÜP', 'up\0'];
    for (const command of odd) codeKeeper(dir, 'b1', command).keep(scripts);
    expect(odd.map((command) => main(dir, 'b1', command))).toEqual(odd.map(() => undefined));
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it('that is used stays, however old it is', () => {
    const { dir, path } = filled();
    utimesSync(path, 1, 1);
    expect(main(dir)).toBe('compiled main');
    expect(statSync(path).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is of the newest only, so many files', () => {
    const { dir, path } = filled();
    utimesSync(path, 1, 1);
    for (let number = 0; number < limits.cacheFiles; number++) codeKeeper(dir, `b${number + 2}`, 'up').keep(scripts);
    expect([readdirSync(dir).length, main(dir), main(dir, 'b2')]).toEqual([
      limits.cacheFiles,
      undefined,
      'compiled main',
    ]);
  });
});

it('the cache directory is the one of the XDG Base Directory Specification, which is no relative one', () => {
  const home = cacheDirectory({});
  expect(home).toMatch(/\/\.cache\/sluice$/);
  expect(cacheDirectory({ XDG_CACHE_HOME: '/var/c' })).toBe('/var/c/sluice');
  expect(cacheDirectory({ XDG_CACHE_HOME: 'c' })).toBe(home);
});
