import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { limits } from '../../../src/model/limits.ts';
import { createDeployedNotes, placeOf, union } from '../../../src/update/deploy/notes.ts';
import { tempProject } from '../../support/temp.ts';

const open = (dir: string, config = 'sluice.yaml') => createDeployedNotes(createDisk(), dir, config);
const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'dev' });
const note = (...names: string[]) => ({ objects: names.map(ref), jobs: {}, kept: [] });

describe('notes of what was deployed', () => {
  it('are kept apart by cluster, namespace, resource and configuration file', async () => {
    const dir = tempProject();
    const info = { context: 'a', cluster: 'a', server: 'https://a', namespace: 'x', local: null };
    const [one, two] = [placeOf(info, 'dev'), placeOf({ ...info, server: 'https://b' }, 'dev')];
    await open(dir).write(one, 'web', note('w'));
    await open(dir).write(two, 'web', note('other'));
    await open(dir, 'other.yaml').write(one, 'web', note('of another file'));
    expect(await open(dir).recall(one, 'web')).toEqual(note('w'));
    expect(await open(dir).recall(two, 'web')).toEqual(note('other'));
    expect(await open(dir).recall(one, 'db')).toEqual(note());
    expect(await open(dir).recall(placeOf(info, 'other'), 'web')).toEqual(note());
    expect([...(await open(dir).all(one)).keys()]).toEqual(['web']);
    await open(dir).write(one, 'web', null);
    expect(await open(dir).recall(one, 'web')).toEqual(note());
  });

  it('of many resources written at once are all there', async () => {
    const dir = tempProject();
    const notes = open(dir);
    const names = Array.from({ length: 50 }, (_, i) => `r${i}`);
    await Promise.all(names.map((name) => notes.write('place', name, note(name))));
    expect([...(await open(dir).all('place')).keys()].sort()).toEqual(names.sort());
  });

  it('are read once while nobody writes them, and anew when somebody has', async () => {
    const dir = tempProject();
    const [mine, other] = [open(dir), open(dir)];
    await mine.write('place', 'web', note('w'));
    const all = await mine.all('place');
    expect(await mine.all('place')).toBe(all);
    await other.write('place', 'db', note('d'));
    expect([...(await mine.all('place')).keys()]).toEqual(['web', 'db']);
    expect([...all.keys()]).toEqual(['web']);
  });

  it('are of the clusters used last', async () => {
    const dir = tempProject();
    const notes = open(dir);
    for (let i = 0; i < limits.clustersRemembered + 2; i++) await notes.write(`place ${i}`, 'web', note('w'));
    expect(await notes.recall('place 0', 'web')).toEqual(note());
    expect(await notes.recall(`place ${limits.clustersRemembered + 1}`, 'web')).toEqual(note('w'));
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[1]'],
    ['odd values', '{"place": {"web": 1, "db": {"objects": 7, "jobs": []}}}'],
    [
      'odd objects',
      '{"place": {"web": {"objects": [null, {"kind": 1}, {"apiVersion": "v1", "kind": "X", "name": "", "namespace": null}]}}}',
    ],
    ['odd jobs', '{"place": {"web": {"objects": [], "jobs": {"a": {"digest": 1}, "b": null}}}}'],
  ])('that are damaged (%s) are none', async (_, text) => {
    const dir = tempProject({ '.sluice/deployed.json': text });
    expect(await open(dir).recall('place', 'web')).toEqual(note());
    await open(dir).write('place', 'new', note('n'));
    expect(await open(dir).recall('place', 'new')).toEqual(note('n'));
  });

  it('are not written when nothing is new, and say so when they cannot be', async () => {
    const dir = tempProject();
    const notes = open(dir);
    await notes.write('place', 'web', note('w'));
    const before = readFileSync(`${dir}/.sluice/deployed.json`, 'utf8');
    writeFileSync(`${dir}/.sluice/deployed.json`, `${before}\n`);
    await notes.write('place', 'web', note('w'));
    expect(readFileSync(`${dir}/.sluice/deployed.json`, 'utf8')).toBe(`${before}\n`);
    const broken = tempProject({ '.sluice': 'no directory' });
    await expect(open(broken).write('place', 'web', note('w'))).rejects.toMatchObject({ problem: { code: 'S505' } });
  });

  it('wait for what must not be cut off', async () => {
    const notes = open(tempProject());
    const done: string[] = [];
    let resolve = () => {};
    const promise = new Promise<void>((given) => {
      resolve = given;
    });
    void notes.during(promise.then(() => done.push('work')));
    const settled = notes.settled().then(() => done.push('settled'));
    await Promise.resolve();
    resolve();
    await settled;
    expect(done).toEqual(['work', 'settled']);
    await expect(notes.during(Promise.reject(new Error('its own failure')))).rejects.toThrow('its own failure');
    await notes.settled();
  });

  it('name each object once, whatever its API version', () => {
    const other = { ...ref('a'), apiVersion: 'apps/v1' };
    expect(union([ref('a')], [ref('a'), ref('b'), other, { ...other, apiVersion: 'apps/v1beta1' }])).toHaveLength(3);
  });
});
