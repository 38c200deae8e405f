import { chmodSync, symlinkSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import type { ImageSpec } from '../../../src/model/config.ts';
import { inputOf } from '../../../src/update/image/known/input-digest.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { dockerfileBuild, imageOf, never } from '../real.ts';

const disk = createDisk();
const digest = async (spec: ImageSpec, bases: readonly string[] = []) =>
  (await inputOf(spec, bases, disk, never)).digest;

describe('what goes into an image', () => {
  const project = () => tempProject({ Dockerfile: 'FROM scratch\n', 'src/a': '1', 'src/b': '1' });

  it('is the same for the same files in another place, at another time', async () => {
    const [one, two] = [project(), project()];
    utimesSync(`${two}/src/a`, 1, 1);
    expect(await digest(imageOf('web', dockerfileBuild(one)).spec)).toBe(
      await digest(imageOf('web', dockerfileBuild(two)).spec),
    );
  });

  it.each([
    ['content', (dir: string) => writeFiles(dir, { 'src/a': '2' })],
    ['a new file', (dir: string) => writeFiles(dir, { 'src/c': '' })],
    ['a mode', (dir: string) => chmodSync(`${dir}/src/a`, 0o755)],
    ['a link', (dir: string) => symlinkSync('a', `${dir}/src/link`)],
    ['the Dockerfile', (dir: string) => writeFiles(dir, { Dockerfile: 'FROM scratch\nENV a=1\n' })],
  ])('differs by %s', async (_, change) => {
    const dir = project();
    const { spec } = imageOf('web', dockerfileBuild(dir));
    const before = await digest(spec);
    change(dir);
    expect(await digest(spec)).not.toBe(before);
  });

  it.each([
    ['args', { args: { A: '1' } }],
    ['the target', { target: 'dev' }],
    ['the platform', { platform: 'linux/arm64' }],
    ['secrets', { secrets: ['id=a,env=A'] }],
  ])('differs by %s', async (_, fields) => {
    const dir = project();
    expect(await digest(imageOf('web', dockerfileBuild(dir, fields)).spec)).not.toBe(
      await digest(imageOf('web', dockerfileBuild(dir)).spec),
    );
  });

  it('differs by the images it is built from, and by nothing that is ignored', async () => {
    const dir = project();
    const { spec } = imageOf('web', dockerfileBuild(dir), {
      files: { roots: [dir], filters: [{ base: dir, patterns: ['src/b'] }] },
    });
    const before = await digest(spec, ['sha256:1']);
    expect(await digest(spec, ['sha256:2'])).not.toBe(before);
    writeFiles(dir, { 'src/b': 'ignored' });
    expect(await digest(spec, ['sha256:1'])).toBe(before);
  });

  it('differs by what lies in the directories beside the context, and by their names', async () => {
    const [dir, lib] = [project(), tempProject({ a: '1' })];
    const files = { roots: [lib], filters: [] };
    const spec = (name: string) =>
      imageOf('web', dockerfileBuild(dir, { directories: { [name]: { dir: lib, files, hidden: [] } } })).spec;
    const before = await digest(spec('lib'));
    expect(await digest(spec('other'))).not.toBe(before);
    writeFiles(lib, { a: '2' });
    expect(await digest(spec('lib'))).not.toBe(before);
    const url = async (remote: string) =>
      inputOf(imageOf('web', dockerfileBuild('/', { remote, dockerfile: 'D' })).spec, [], disk, never);
    expect(await url('https://x.org/a.git#main')).toMatchObject({ isMoving: true, entries: [], dockerfile: 'D' });
    expect(await url(`https://x.org/a.git#${'a'.repeat(40)}:dir`)).toMatchObject({ isMoving: false });
  });

  it('of a command are its text and the files it names', async () => {
    const dir = project();
    const spec = (command: string) =>
      imageOf('web', { is: 'command', command, dir }, { files: { roots: [`${dir}/src`], filters: [] } }).spec;
    const before = await digest(spec('make'));
    expect(await digest(spec('make other'))).not.toBe(before);
    writeFiles(dir, { Dockerfile: 'not named' });
    expect(await digest(spec('make'))).toBe(before);
    writeFiles(dir, { 'src/a': '2' });
    expect(await digest(spec('make'))).not.toBe(before);
  });

  it('says which Dockerfile is missing', async () => {
    const dir = tempProject();
    await expect(digest(imageOf('web', dockerfileBuild(dir)).spec)).rejects.toMatchObject({
      problem: { kind: 'yours', what: expect.stringContaining(`${dir}/Dockerfile`) },
    });
  });
});
