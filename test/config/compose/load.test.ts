import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { findConfig, type Loaded } from '../../../src/config/load.ts';
import type { Config } from '../../../src/model/config.ts';
import { matcher } from '../../../src/model/fileset.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';
import { configOf as configFrom, loaded } from '../project.ts';

const requestOf = (dir: string, file: string, env: Readonly<Record<string, string>>) => ({
  file: join(dir, file),
  env: { HOME: '/root', ...env },
});

const load = (dir: string, file: string, env: Readonly<Record<string, string>> = {}): Promise<Loaded> =>
  loaded(requestOf(dir, file, env));

const configOf = (dir: string, file: string, env: Readonly<Record<string, string>> = {}): Promise<Config> =>
  configFrom(requestOf(dir, file, env));

/** `file:line:col CODE what` */
async function toldOf(dir: string, file = 'compose.yaml'): Promise<string[]> {
  const found = await load(dir, file);
  const all = 'problems' in found ? found.problems : [];
  return all.map(({ at, code, what }) => `${at?.file.slice(dir.length + 1)}:${at?.line}:${at?.column} ${code} ${what}`);
}

describe('a Compose file without sluice.yaml', () => {
  it('takes its profiles and its env file from the command line', async () => {
    const dir = tempProject({
      'compose.yaml': 'services: {a: {image: "x:$TAG"}, b: {image: "y", profiles: [dev]}}\n',
      '.env': 'TAG=1\n',
      'my.env': 'TAG=2\n',
    });
    const said = async (...args: string[]) => (await sluice(dir, ['plan', ...args])).stdout;
    expect(await said()).toBe('1. a\n     run a container of x:1\n');
    expect(await said('--profile', 'dev', '--env-file', 'my.env')).toBe(
      '1. a\n     run a container of x:2\n2. b\n     run a container of y\n',
    );
  });

  it('tells its builds what it is told itself, and what is not done is said by name', async () => {
    const dir = tempProject({
      'compose.yaml': [
        'services:',
        '  web:',
        '    image: app-web',
        '    build:',
        '      context: .',
        '      labels: [team=shop]',
        '      network: host',
        '      extra_hosts: ["db:10.0.0.1"]',
        '      no_cache: true',
        '      pull: true',
        '      ssh: [default]',
        '      cache_from: ["reg/web:cache", "type=registry,ref=reg/web:more"]',
        '      cache_to: [type=inline]',
        '      shm_size: 64m',
        '      ulimits: {nproc: 7, nofile: {soft: 5, hard: 6}}',
        '      isolation: hyperv',
        '      tags: [app:one, "reg/app:two"]',
        '      no_cache_filter: deps',
        '      provenance: mode=max',
        '      sbom: true',
      ].join('\n'),
      Dockerfile: 'FROM scratch\n',
    });
    const { images, warnings } = await configOf(dir, 'compose.yaml');
    const { build } = images['app-web'] ?? {};
    if (build?.is !== 'dockerfile') throw new Error('not built from a Dockerfile');
    expect(build.ssh).toEqual(['default']);
    expect(build.options).toEqual({
      cacheFrom: [
        { type: 'registry', attributes: { ref: 'reg/web:cache' } },
        { type: 'registry', attributes: { ref: 'reg/web:more' } },
      ],
      cacheTo: [{ type: 'inline', attributes: {} }],
      network: 'host',
      labels: { team: 'shop' },
      extraHosts: { db: '10.0.0.1' },
      pull: true,
      noCache: true,
      noCacheFilter: ['deps'],
      attests: { provenance: 'mode=max', sbom: '' },
      shmBytes: 67_108_864,
      ulimits: { nproc: { soft: 7, hard: 7 }, nofile: { soft: 5, hard: 6 } },
    });
    const left = warnings.map(({ at, what }) => `${at?.line} ${what}`).sort();
    expect(left).toEqual([expect.stringMatching(/^16 .*build\.isolation/)]);
    expect(images['app-web']?.tags).toEqual(['app:one', 'reg/app:two']);
  });

  it('has its more names in Docker alone, and says where one is none', async () => {
    const dir = tempProject({
      'compose.yaml': 'services:\n  a:\n    image: a\n    build:\n      context: .\n      tags:\n        - A:B C\n',
      'sluice.yaml': 'compose: [ok.yaml]\nsettings: {builder: {buildkit: "tcp://localhost:1"}}\n',
      'ok.yaml': 'services:\n  a:\n    image: a\n    build:\n      context: .\n      tags: [b]\n',
      Dockerfile: 'FROM scratch\n',
    });
    expect(await toldOf(dir)).toEqual([expect.stringMatching(/^compose\.yaml:7:.* S110 A:B C is no image reference/)]);
    const { images, warnings } = await configOf(dir, 'sluice.yaml');
    expect(images.a?.tags).toBeUndefined();
    expect(warnings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/a has no more names: tcp:\/\/localhost:1 keeps none/),
    ]);
  });

  it('is a configuration: services with their images, needs and live rules, and all that is read watched', async () => {
    const dir = tempProject({
      'compose.yaml': [
        'include: [more/c.yaml]',
        'services:',
        '  web:',
        '    build: ./web',
        '    env_file: web.env',
        '    depends_on: [db]',
        '    develop:',
        '      watch:',
        '        - {path: ./web/src, action: sync, target: /src}',
      ].join('\n'),
      'compose.override.yaml': 'services: {web: {ports: ["8080:80"]}}\n',
      'more/c.yaml': 'services: {db: {image: "postgres:$TAG"}}\n',
      '.env': 'TAG=15\n',
      'web.env': 'TOKEN=hidden-value\n',
      'web/Dockerfile': 'FROM scratch\nCOPY src /src\n',
      'web/src/a.js': '',
    });
    expect(await findConfig(join(dir, 'web'))).toBe(join(dir, 'compose.yaml'));
    const config = await configOf(dir, 'compose.yaml');
    expect(config.order.toSorted()).toEqual(['db', 'web']);
    const { web, db } = config.resources;
    if (web?.kind !== 'compose' || db?.kind !== 'compose') throw new Error('not of Compose');
    expect(db.config.image).toBe('postgres:15');
    expect(web.needs).toEqual([{ name: 'db', update: 'order', until: 'started' }]);
    expect(web.config.environment).toEqual({ TOKEN: 'hidden-value' });
    const [image] = web.images;
    expect(config.images[image as string]?.live[0]).toMatchObject({ is: 'sync', to: '/src', at: { line: 9 } });
    const reads = matcher(config.reads, { watching: true });
    for (const path of [
      'compose.yaml',
      'compose.override.yaml',
      'compose.override.yml',
      'more/c.yaml',
      '.env',
      'web.env',
    ])
      expect([path, reads.has(join(dir, path))]).toEqual([path, true]);
    const found = await load(dir, 'compose.yaml');
    expect(found.secrets.map(({ value }) => value)).toContain('hidden-value');
  });

  it.each([
    ['declares, and another only runs the image', ['web'], []],
    ['only runs the image, and another declares', [], ['web']],
    ['declares the same by an anchor', ['web'], ['web']],
    ['declares something else', ['web'], ['jobs']],
  ])('services that share an image: one %s', async (_, first, second) => {
    const rule = (path: string) => `{path: ./${path}, action: sync, target: /${path}}`;
    const part = (paths: readonly string[]) =>
      paths.length > 0 ? `, develop: {watch: [${paths.map(rule).join(', ')}]}` : '';
    const dir = tempProject({
      'compose.yaml': `services:\n  a: {image: app, build: .${part(first)}}\n  b: {image: app${part(second)}}\n`,
      Dockerfile: 'FROM scratch\n',
      'web/x': '',
      'jobs/x': '',
    });
    const { images, resources } = await configOf(dir, 'compose.yaml');
    const wanted = [...new Set([...first, ...second])];
    const { live = [], watched, at } = images.app ?? {};
    expect(live.map((each) => each.is === 'sync' && each.to)).toEqual(wanted.map((path) => `/${path}`));
    const recipe = ['Dockerfile', 'Dockerfile.dockerignore', '.dockerignore'];
    expect(watched?.roots).toEqual([...wanted, ...recipe].map((path) => join(dir, path)));
    expect(at?.line).toBe(2);
    expect([resources.a, resources.b].map((each) => each?.kind === 'compose' && each.images)).toEqual([
      ['app'],
      ['app'],
    ]);
  });

  it('tells all that is wrong at once, each in the file where it stands', async () => {
    const dir = tempProject({
      'compose.yaml': 'include: [b.yaml]\nservices:\n  web:\n    imge: x\n    ports: ["a:b"]\n    privileged: maybe\n',
      'b.yaml': 'services:\n  db:\n    image: x\n    mem_limit: lots\n    envfile: y\n',
    });
    expect(await toldOf(dir)).toEqual([
      'compose.yaml:4:5 S102 services.web knows no imge',
      'b.yaml:5:5 S102 services.db knows no envfile',
    ]);
    writeFileSync(
      join(dir, 'compose.yaml'),
      'services:\n  a: {image: a, depends_on: [b]}\n  b: {image: b, depends_on: [a]}\n',
    );
    expect(await toldOf(dir)).toEqual(['compose.yaml:2:30 S108 services wait for each other: a → b → a']);
  });

  it('says by name what is left out', async () => {
    const dir = tempProject({
      'compose.yaml': 'services: {a: {image: a, deploy: {endpoint_mode: vip}, isolation: x}}\n',
    });
    const config = await configOf(dir, 'compose.yaml');
    expect(config.warnings.map(({ what }) => what.split(' is not')[0])).toEqual([
      'isolation of service a',
      'deploy.endpoint_mode of service a',
    ]);
  });
});

describe('COMPOSE_PARALLEL_LIMIT', () => {
  it.each([
    ['7', 'compose.yaml', 7],
    ['7', 'sluice.yaml', 2],
    ['0', 'compose.yaml', 3],
    ['-1', 'compose.yaml', 3],
    ['many', 'compose.yaml', 3],
  ])('%s in %s: %d at once', async (COMPOSE_PARALLEL_LIMIT, file, expected) => {
    const dir = tempProject({
      'compose.yaml': 'services: {a: {image: x}}\n',
      'sluice.yaml': 'compose: [compose.yaml]\nsettings: {parallel: 2}\n',
    });
    expect((await configOf(dir, file, { COMPOSE_PARALLEL_LIMIT })).settings.parallel).toBe(expected);
  });
});

describe('compose: in sluice.yaml', () => {
  it('is a graph with local ones and settings', async () => {
    const dir = tempProject({
      'sluice.yaml':
        'compose: [c.yaml]\nlocal: {front: {serve: npm start}}\nresources: {front: {needs: [db]}, db: {labels: [data], needs: []}}\n',
      'c.yaml': 'services: {db: {image: x}}\n',
    });
    const config = await configOf(dir, 'sluice.yaml');
    expect(config.order).toEqual(['front', 'db']);
    expect(config.resources.db).toMatchObject({ kind: 'compose', labels: ['data'] });
  });

  it('lays what it says of an image over what the service says, and names the line of each', async () => {
    const dir = tempProject({
      'sluice.yaml': [
        'compose: [c.yaml]',
        'images:',
        '  rules:',
        '    live: [{sync: {from: src, to: /app}}]',
        '  where: {platform: linux/arm64}',
        '  own: {context: other}',
        '  none:',
        '',
      ].join('\n'),
      'c.yaml': [
        'services:',
        ...['rules', 'where', 'own', 'none'].map(
          (name) =>
            `  ${name}: {image: ${name}, build: {context: ., target: dev}, develop: {watch: [{path: src, action: sync, target: /d}]}}`,
        ),
        '',
      ].join('\n'),
      'src/a': '',
      Dockerfile: 'FROM scratch AS dev\n',
      'other/Dockerfile': 'FROM scratch\n',
    });
    const { images } = await configOf(dir, 'sluice.yaml');
    const said = Object.values(images).map(({ ref, at, build, live, watched }) => [
      ref,
      build.is === 'dockerfile' && [build.context.slice(dir.length + 1), build.target, build.platform],
      live.map((rule) => [rule.is === 'sync' && rule.to, `${rule.at.file.slice(dir.length + 1)}:${rule.at.line}`]),
      `${at.file.slice(dir.length + 1)}:${at.line}`,
      watched?.roots.slice(0, 2).map((root) => root.slice(dir.length + 1)),
    ]);
    expect(said).toEqual([
      ['rules', ['', 'dev', null], [['/app', 'sluice.yaml:4']], 'sluice.yaml:3', undefined],
      ['where', ['', 'dev', 'linux/arm64'], [['/d', 'c.yaml:3']], 'c.yaml:3', ['src', 'Dockerfile']],
      ['own', ['other', null, null], [], 'sluice.yaml:6', undefined],
      ['none', ['', 'dev', null], [['/d', 'c.yaml:5']], 'c.yaml:5', ['src', 'Dockerfile']],
    ]);
  });

  it('tells a mistake with an image where it is made: in sluice.yaml, or in the service', async () => {
    const dir = tempProject({
      'sluice.yaml': 'compose: [c.yaml]\nimages:\n  x:\n    live: [{sync: {from: nowhere, to: app}}]\n',
      'c.yaml': 'services:\n  a:\n    image: x\n    build:\n      context: .\n      dockerfile: Nope\n',
    });
    expect((await toldOf(dir, 'sluice.yaml')).map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
      'sluice.yaml:4:39 S103',
      'c.yaml:6:19 S114',
    ]);
  });

  it('cannot call a service as something else is called, nor be said what a service has no use for', async () => {
    const dir = tempProject({
      'sluice.yaml': 'compose: [c.yaml]\nlocal: {db: {serve: x}}\nresources: {db: {ports: ["1:1"]}}\n',
      'c.yaml': 'services: {db: {image: x}}\n',
    });
    const told = await toldOf(dir, 'sluice.yaml');
    expect(told.map((each) => each.split(' ')[1]).toSorted()).toEqual(expect.arrayContaining(['S103', 'S126']));
  });
});

describe('hostile Compose files', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['aliases without measure', { 'compose.yaml': bomb() }, /S104/],
    [
      'a circle of includes',
      { 'compose.yaml': 'include: [b.yaml]\n', 'b.yaml': 'include: [compose.yaml]\n' },
      /S108 .*compose\.yaml → .*b\.yaml → .*compose\.yaml/,
    ],
    [
      'a circle of extends',
      {
        'compose.yaml': 'services: {a: {extends: {file: b.yaml, service: b}}}\n',
        'b.yaml': 'services: {b: {extends: {file: compose.yaml, service: a}}}\n',
      },
      /S108 .*a → b → a/,
    ],
    [
      'another encoding',
      { 'compose.yaml': Buffer.from('\uFEFFservices: {}\n', 'utf16le').toString('latin1') },
      /S10|S117/,
    ],
    ['a prototype', { 'compose.yaml': 'services: {a: {image: a, __proto__: {x: 1}}}\n' }, /S102 .*__proto__/],
    [
      'a deep default',
      { 'compose.yaml': `services: {a: {image: "${'${A:-'.repeat(50_000)}x${'}'.repeat(50_000)}"}}\n` },
      /S10/,
    ],
  ];
  it.each(cases)('%s', async (_, files, expected) => {
    const dir = tempProject(files);
    expect((await toldOf(dir)).join('\n')).toMatch(expected);
  });

  it('a pipe in the place of a file or an env file', async () => {
    const dir = tempProject({ 'compose.yaml': 'services: {a: {image: a, env_file: pipe}}\n' });
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    expect((await toldOf(dir)).join('\n')).toMatch(/compose\.yaml:1:\d+ S106/);
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, i) => `x-${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`);
  return ['x-0: &l0 [a]', ...levels, 'services: {}'].join('\n');
}

describe('a hundred services in ten included files', () => {
  it('are read in a moment', async () => {
    const one = (file: number) =>
      Array.from(
        { length: 10 },
        (_, i) =>
          `  s${file}-${i}:\n    image: app:\${TAG:-1}\n    environment: {A: "1", B: $TAG}\n    ports: ["${8000 + file * 10 + i}:80"]\n    volumes: ["./src:/src", "data:/data"]\n    healthcheck: {test: curl localhost, interval: 5s}\n    restart: always\n`,
      ).join('');
    const files = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`f${i}.yaml`, `services:\n${one(i)}volumes: {data: }\n`]),
    );
    const dir = tempProject({
      ...files,
      'compose.yaml': `include: [${Object.keys(files).join(', ')}]\n`,
      '.env': 'TAG=2\n',
    });
    const { readCompose } = await import('../../../src/config/compose/read.ts');
    const found = await readCompose({ dir, env: {} }, { disk: createDisk() });
    expect('project' in found && Object.keys(found.project.services)).toHaveLength(100);
  });
});
