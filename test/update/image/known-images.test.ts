import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { limits } from '../../../src/model/limits.ts';
import type { BuiltImage } from '../../../src/model/run.ts';
import { createImageCache } from '../../../src/update/image/known/known-images.ts';
import { tempProject } from '../../support/temp.ts';

const image = (input: string, fields: Partial<BuiltImage> = {}): BuiltImage => ({
  ref: 'web',
  id: `sha256:${input}`,
  tagged: `reg/web:sluice-${input}`,
  inCluster: `reg/web:sluice-${input}`,
  pushed: null,
  inputDigest: input,
  change: 1,
  layers: 0,
  ...fields,
});
const open = (dir: string) => createImageCache(createDisk(), dir);

describe('the images remembered', () => {
  it('are found by what went in and where they went, in a later session as well', async () => {
    const dir = tempProject();
    await open(dir).remember(image('1'));
    const later = open(dir);
    expect(await later.find('web', '1', 'reg/web')).toMatchObject({ id: 'sha256:1' });
    expect(await later.find('web', '2', 'reg/web')).toBeNull();
    expect(await later.find('web', '1', 'other/web')).toBeNull();
    expect(await later.find('web', '1', 'reg/we')).toBeNull();
    expect(await later.find('other', '1', 'reg/web')).toBeNull();
  });

  it('are those of both of two sessions that write at once', async () => {
    const dir = tempProject();
    const [one, two] = [open(dir), open(dir)];
    await one.remember(image('1'));
    await two.remember(image('2'));
    await one.remember(image('3', { ref: 'other', tagged: 'reg/other:x' }));
    const later = open(dir);
    expect(await later.find('web', '1', 'reg/web')).not.toBeNull();
    expect(await later.find('web', '2', 'reg/web')).not.toBeNull();
    expect(await later.find('other', '3', 'reg/other')).not.toBeNull();
  });

  it('are all kept when many are written at once', async () => {
    const dir = tempProject();
    const cache = open(dir);
    const refs = Array.from({ length: 30 }, (_, i) => `web${i}`);
    await Promise.all(refs.map((ref) => cache.remember(image('1', { ref }))));
    const later = open(dir);
    for (const ref of refs) expect(await later.find(ref, '1', 'reg/web')).not.toBeNull();
  });

  it('are the newest ones, each input once', async () => {
    const dir = tempProject();
    const cache = open(dir);
    for (let i = 0; i < limits.buildsRemembered + 5; i++) await cache.remember(image(String(i)));
    await cache.remember(image('14', { id: 'sha256:newer' }));
    const kept = JSON.parse(readFileSync(`${dir}/.sluice/images.json`, 'utf8')).web as BuiltImage[];
    expect(kept).toHaveLength(limits.buildsRemembered);
    expect(kept[0]?.id).toBe('sha256:newer');
    expect(kept.filter(({ inputDigest }) => inputDigest === '14')).toHaveLength(1);
  });

  it.each([
    ['no JSON', '{"web": [', []],
    ['something else', '"hello"', []],
    ['null', 'null', []],
    ['lists of nothing', '{"web": null, "x": [null, 1, {}]}', []],
    [
      'one good image among broken ones',
      JSON.stringify({ web: [{ id: 1 }, image('1'), { ...image('2'), pushed: 7 }] }),
      ['1'],
    ],
    ['an image of another reference', JSON.stringify({ web: [image('1', { ref: 'other' })] }), []],
    ['an image that stands for no input', JSON.stringify({ web: [image('')] }), []],
  ])('are none but sound ones where the file holds %s', async (_, text, found) => {
    const dir = tempProject({ '.sluice/images.json': text });
    const cache = open(dir);
    for (const input of ['', '1', '2']) {
      const expected = (found as string[]).includes(input);
      expect((await cache.find('web', input, 'reg/web')) !== null).toBe(expected);
    }
    await cache.remember(image('9'));
    expect(await open(dir).find('web', '9', 'reg/web')).not.toBeNull();
  });

  it('are of this session alone where the file cannot be written', async () => {
    const dir = tempProject();
    writeFileSync(`${dir}/.sluice`, 'no directory');
    const cache = open(dir);
    await expect(cache.remember(image('1'))).rejects.toMatchObject({ problem: { code: 'S505' } });
    expect(await cache.find('web', '1', 'reg/web')).not.toBeNull();
  });
});
