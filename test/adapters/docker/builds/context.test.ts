// What COPY sees, against what `docker build` makes of the same directory: measured with buildx 0.38 and with the classic
// builder of the CLI 28, which agree, and written down, since not every machine has them.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import { createDisk } from '../../../../src/adapters/fs/disk.ts';
import type { DockerBuild, DockerPort } from '../../../../src/model/ports.ts';
import { inputOf } from '../../../../src/update/image/known/input-digest.ts';
import { deployment, project } from '../../../config/project.ts';
import { docker } from '../../../support/capability.ts';
import { tellTree, writeOddNames } from '../../../support/names.ts';
import { tempProject, writeFiles } from '../../../support/temp.ts';
import { buildOf, removeLayers, seen } from './context.ts';

const disk = createDisk();
const never = new AbortController().signal;
const text = `FROM scratch\nLABEL sluice-docker-test=${process.pid}\nCOPY . /ctx\nCMD ["x"]\n`;

interface Case {
  readonly name: string;
  /** From the project's directory; `app/Dockerfile` unless given. */
  readonly dockerfile?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly ignore?: string;
  readonly sees: readonly string[];
}

const both = ['.dockerignore', 'src/a'];
const cases: readonly Case[] = [
  { name: 'both ignored', ignore: 'Dockerfile\n.dockerignore\n', sees: ['src/a'] },
  { name: 'all but one ignored', ignore: '*\n!src\n', sees: ['src/a'] },
  { name: 'the Dockerfile ignored', ignore: 'Dockerfile\n', sees: both },
  { name: 'the ignore file ignored', ignore: '.dockerignore\n', sees: ['Dockerfile', 'src/a'] },
  { name: 'nothing ignored', sees: ['Dockerfile', 'src/a'] },
  { name: 'a Dockerfile outside', dockerfile: 'Dockerfile', sees: ['src/a'] },
  { name: 'one outside, and an ignore file', dockerfile: 'Dockerfile', ignore: 'x\n', sees: both },
  {
    name: 'one outside, another of the same name inside',
    dockerfile: 'Dockerfile',
    files: { 'app/Dockerfile': 'FROM nothing\n' },
    sees: ['Dockerfile', 'src/a'],
  },
  { name: 'another name in an ignored directory', dockerfile: 'app/build/web.df', ignore: 'build\n', sees: both },
  {
    name: 'a Dockerfile of another name, visible',
    dockerfile: 'app/build/web.df',
    sees: ['build/web.df', 'src/a'],
  },
  {
    name: 'a long name before all others',
    files: { [`app/${'A'.repeat(120)}/ä`]: '' },
    sees: [`${'A'.repeat(120)}/ä`, 'Dockerfile', 'src/a'],
  },
  {
    // The CLI's classic builder knows none: there we go the way of BuildKit.
    name: 'an ignore file of its own',
    files: { 'app/Dockerfile.dockerignore': 'Dockerfile*\n' },
    ignore: 'src\nDockerfile\n.dockerignore\n',
    sees: both,
  },
];

/** Files below /ctx in an image. */
function filesIn(image: string): string[] {
  const id = execFileSync('docker', ['create', image], { encoding: 'utf8' }).trim();
  try {
    const archive = execFileSync('docker', ['export', id], { maxBuffer: 64 * 1024 * 1024 });
    const names = execFileSync('tar', ['t'], { input: archive, encoding: 'utf8' }).split('\n');
    return names.flatMap((name) => /^ctx\/(.*[^/])$/.exec(name)?.[1] ?? []).sort();
  } finally {
    execFileSync('docker', ['rm', id]);
  }
}

const contentOf = (image: string, path: string): string => {
  const id = execFileSync('docker', ['create', image], { encoding: 'utf8' }).trim();
  try {
    const archive = execFileSync('docker', ['cp', `${id}:${path}`, '-']);
    return execFileSync('tar', ['xO'], { input: archive, encoding: 'utf8' });
  } finally {
    execFileSync('docker', ['rm', id]);
  }
};

/** BuildKit of 20.10 keeps no times of directories, whoever sends them. */
const plainRow = (row: string): string => row.replace(/ +/g, ' ').replace(/^(d.*) \S+ \S+ (\S+)$/, '$1 $2');

describe.skipIf(!docker).each([
  ['BuildKit', '1'],
  ['the classic builder', '0'],
])('COPY under %s', (builder, DOCKER_BUILDKIT) => {
  let port: DockerPort;
  beforeAll(async () => {
    port = await connectDocker({ env: { ...process.env, DOCKER_BUILDKIT }, home: '/nowhere' });
  });
  afterAll(() => {
    removeLayers();
    port.close();
  });

  async function built(build: Partial<DockerBuild>, dockerfile = text) {
    const done = await seen(port.build(buildOf(dockerfile, build), never));
    // Waited for: the classic builder takes from its cache what is being removed.
    onTestFinished(() => port.removeImage(done.id).catch(() => {}));
    return done;
  }

  /** The project's build as `up` would ask for it. */
  async function asked({ dockerfile = 'app/Dockerfile', files = {}, ignore }: Omit<Case, 'name' | 'sees'>) {
    const { dir, config } = project({
      'sluice.yaml': `images: {try/m1: {context: app, dockerfile: ${dockerfile}}}\nkubernetes: {context: x, manifests: [d.yaml]}\n`,
      'd.yaml': deployment('m1', 'try/m1'),
      'app/src/a': '1\n',
      ...files,
      [dockerfile]: text,
      ...(ignore === undefined ? {} : { 'app/.dockerignore': ignore }),
    });
    const { images } = await config();
    const request = async () => {
      const { entries, ...input } = await inputOf(images['try/m1']!, [], disk, never);
      return { ...input, context: { root: join(dir, 'app'), entries, mtime: 0, disk } };
    };
    return { dir, request };
  }

  it.each(cases)('sees what the docker CLI sends: $name', async ({ sees, ...given }) => {
    const { request } = await asked(given);
    expect(filesIn((await built(await request())).id)).toEqual(sees);
  });

  it('is done again for another file, not for a comment in an ignored Dockerfile or another time', async () => {
    const { dir, request } = await asked({ ignore: 'Dockerfile\n.dockerignore\n' });
    const first = await built(await request());
    writeFiles(dir, { 'app/Dockerfile': `# a comment\n${text}` });
    utimesSync(join(dir, 'app/src/a'), 1, 1);
    const second = await request();
    expect((await built(second, second.dockerfileText)).id).toBe(first.id);
    writeFiles(dir, { 'app/src/a': '2\n' });
    utimesSync(join(dir, 'app/src/a'), 1, 1);
    const third = await built(await request());
    expect(contentOf(third.id, '/ctx/src/a')).toBe('2\n');
  });

  it('has what was listed even where something else lay there while it was sent before', async () => {
    const dir = tempProject({ 'now/a': 'one', 'other/a': 'two' });
    const list = async () => {
      const entries = await disk.list(dir, { roots: [join(dir, 'now')], filters: [] }, never);
      return disk.hash(entries, never);
    };
    const swap = () => {
      renameSync(join(dir, 'now'), join(dir, 'x'));
      renameSync(join(dir, 'other'), join(dir, 'now'));
      renameSync(join(dir, 'x'), join(dir, 'other'));
    };
    const entries = await list();
    swap();
    await built({ context: { root: dir, entries, mtime: 0, disk } });
    swap();
    const { id } = await built({ context: { root: dir, entries: await list(), mtime: 0, disk } });
    expect(contentOf(id, '/ctx/now/a')).toBe('one');
  });

  it.each([['with it'], ['where it lies outside']])(
    'sees files of every name, beside its Dockerfile %s',
    async (where) => {
      const dir = tempProject(where === 'with it' ? { Dockerfile: text } : {});
      writeOddNames(dir);
      const entries = await disk.hash(await disk.list(dir, { roots: [dir], filters: [] }, never), never);
      const { id, output } = await built({ context: { root: dir, entries, mtime: 0, disk } });
      // File by file BuildKit of today takes no such names, whoever sends them.
      expect(output.includes('is no text')).toBe(builder === 'BuildKit' && where !== 'with it');
      const out = tempProject();
      const container = execFileSync('docker', ['create', id], { encoding: 'utf8' }).trim();
      const archive = execFileSync('docker', ['export', container], { maxBuffer: 64 * 1024 * 1024 });
      execFileSync('docker', ['rm', container]);
      execFileSync('tar', ['x', '-C', out, 'ctx'], { input: archive });
      rmSync(join(out, 'ctx/.sluice.Dockerfile'), { force: true });
      expect(tellTree(join(out, 'ctx'))).toEqual(tellTree(dir));
    },
  );

  it('keeps modes, links and directories, all of root and of one time, and makes the directories that lead to a file', async () => {
    const dir = tempProject({ 'a/b/é x': '1', 'a-b': '2', 'a.b': '', 'a/run': '3' });
    execFileSync('sh', ['-c', 'chmod 4755 a/run; chmod 1777 a; ln -s ../a-b a/link; mkdir empty; chmod 700 empty'], {
      cwd: dir,
    });
    const all = await disk.list(dir, { roots: [dir], filters: [] }, never);
    const entries = all.filter(({ path }) => path !== 'a/b');
    const { id } = await built({ context: { root: dir, entries, mtime: 1_000_000_000_000, disk } });
    const container = execFileSync('docker', ['create', id], { encoding: 'utf8' }).trim();
    const archive = execFileSync('docker', ['export', container]);
    execFileSync('docker', ['rm', container]);
    const listed = execFileSync('tar', ['tv', '--utc', '--numeric-owner', '--quoting-style=literal'], {
      input: archive,
      encoding: 'utf8',
    });
    const rows = listed.split('\n').filter((row) => / ctx\/./.test(row) && !/ ctx\/a\/b\/$/.test(row));
    expect(rows.map(plainRow).sort()).toEqual(
      // The classic builder drops set-user-id by itself.
      [
        '-rw-r--r-- 0/0 0 2001-09-09 01:46 ctx/a.b',
        '-rw-r--r-- 0/0 1 2001-09-09 01:46 ctx/a-b',
        '-rw-r--r-- 0/0 1 2001-09-09 01:46 ctx/a/b/é x',
        `-rw${builder === 'BuildKit' ? 's' : 'x'}r-xr-x 0/0 1 2001-09-09 01:46 ctx/a/run`,
        'drwx------ 0/0 0 ctx/empty/',
        'drwxrwxrwt 0/0 0 ctx/a/',
        'lrwxrwxrwx 0/0 0 2001-09-09 01:46 ctx/a/link -> ../a-b',
      ].sort(),
    );
  });
});
