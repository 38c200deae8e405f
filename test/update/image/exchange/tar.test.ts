// The tar of a layer: read as it was written by others, and changed so that others read it.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Edit } from '../../../../src/update/image/exchange/difference.ts';
import { edited, holds, layerIn } from '../../../../src/update/image/exchange/layer-tar.ts';
import { sourceOf } from '../../../../src/update/image/exchange/pattern.ts';
import type { TailCopy } from '../../../../src/update/image/exchange/tail.ts';
import { tempProject } from '../../../support/temp.ts';

const copy: TailCopy = {
  line: 1,
  sources: [sourceOf('.')],
  to: '/',
  isInto: true,
  written: '/',
  mode: 'kept',
  args: [],
};
const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`;
const odd = 'ä/ü';

function packed(format: string, files: Readonly<Record<string, string>>): Buffer {
  const dir = tempProject(files);
  return execFileSync('tar', ['-c', `--format=${format}`, '--sort=name', '--owner=7', '--group=8', '-C', dir, '.']);
}

const entry = (path: string, mode = 0o644) => ({ path, type: 'file' as const, source: '', mode, size: 0, hash: '' });

describe('the tar of a layer', () => {
  it.each(['ustar', 'pax'])('is changed in what is to change alone: %s', (format) => {
    const layer = layerIn(packed(format, { 'a/one': '1', 'a/two': '22', [long]: 'l', [odd]: 'o' }))!;
    const edits: readonly Edit[] = [
      { is: 'exchanged', path: '/a/one', before: entry('a/one'), now: entry('a/one', 0o755) },
      { is: 'removed', path: '/a/two', before: entry('a/two') },
      { is: 'exchanged', path: `/${long}`, before: entry(long), now: entry(long) },
      { is: 'added', path: `/${long}2`, now: entry(`${long}2`, 0o600) },
      { is: 'added', path: `/${odd}2`, now: entry(`${odd}2`) },
    ];
    const text = (value: string) => Buffer.from(value);
    const contents = new Map([
      ['/a/one', text('x'.repeat(1_000))],
      [`/${long}`, text('')],
      [`/${long}2`, text('new')],
      [`/${odd}2`, text('odd')],
    ]);
    const made = edited(layer, edits, copy, contents);
    if (!Buffer.isBuffer(made)) throw new Error(made.because);
    const dir = tempProject({});
    writeFileSync(join(dir, 'made.tar'), made);
    execFileSync('tar', ['-xf', 'made.tar', '--no-same-owner', '--one-top-level=out'], { cwd: dir });
    const out = join(dir, 'out');
    const read = (path: string) => readFileSync(join(out, path), 'utf8');
    expect(readdirSync(join(out, 'a'))).toEqual(['one']);
    expect([read('a/one'), read(long), read(`${long}2`), read(odd), read(`${odd}2`)]).toEqual([
      'x'.repeat(1_000),
      '',
      'new',
      'o',
      'odd',
    ]);
    expect([statSync(join(out, 'a/one')).mode & 0o777, statSync(join(out, `${long}2`)).mode & 0o777]).toEqual([
      0o755, 0o600,
    ]);
    const owners = execFileSync('tar', ['-tvf', 'made.tar', '--numeric-owner'], { cwd: dir, encoding: 'utf8' });
    expect(owners.match(/ 7\/8 /g)?.length).toBe(owners.trim().split('\n').length);
  });

  it('is not read where it is not for certain: names as GNU writes them, what is cut or spoiled', () => {
    expect(layerIn(packed('gnu', { [`${long}${long}`.replaceAll('/', '-').slice(0, 250)]: 'l' }))).toBeNull();
    const tar = packed('ustar', { a: '1'.repeat(2_000) });
    expect(layerIn(tar)).not.toBeNull();
    expect(layerIn(tar.subarray(0, 1_536))).toBeNull();
    const spoiled = Buffer.from(tar);
    spoiled[600] = 1;
    spoiled[10] = 65;
    expect(layerIn(spoiled)).toBeNull();
  });

  it('holds a file only as it was copied, and not where it is linked to or there twice', () => {
    const hash = '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b';
    const layer = layerIn(packed('pax', { a: '1', b: '1' }))!;
    expect(holds(layer, '/a', hash, 0o644)).toBe(true);
    expect(holds(layer, '/a', hash, 0o755)).toBe(false);
    expect(holds(layer, '/a', hash.replace('6', '7'), null)).toBe(false);
    expect(holds(layer, '/none', hash, null)).toBe(false);
    const dir = tempProject({ a: '1' });
    execFileSync('ln', ['a', 'c'], { cwd: dir });
    const linked = layerIn(execFileSync('tar', ['-c', '--sort=name', '--format=pax', '-C', dir, '.']))!;
    expect(holds(linked, '/a', hash, null)).toBe(false);
    const body = packed('pax', { a: '1' });
    const files = layerIn(body)!;
    const twice = Buffer.concat([body.subarray(0, files.end), body.subarray(0, files.end), Buffer.alloc(1_024)]);
    expect(holds(layerIn(twice)!, '/a', hash, null)).toBe(false);
  });
});
