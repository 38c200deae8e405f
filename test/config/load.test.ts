// What a configuration becomes: defaults, file sets, variables, and what is read to make it.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findConfig } from '../../src/config/load.ts';
import type { KubeSpec, LocalSpec } from '../../src/model/config.ts';
import { matcher } from '../../src/model/fileset.ts';
import { tempProject } from '../support/temp.ts';
import { deployment, project } from './project.ts';

const full = `
images:
  shop/web:
    context: ./web
    target: dev
    args: {VERSION: "1", N: 2}
    secrets: ["id=npmrc,src=~/.npmrc"]
    ssh: [default]
    platform: linux/amd64
    only: [src/, package.json, package-lock.json]
    ignore: ["**/*.md"]
    live:
      - fallback: [web/package-lock.json]
      - sync: {from: ./web/src, to: /app/src, initial: true}
      - run: {cmd: npm install, when: [web/package.json]}
      - restart: process
  shop/gen:
    command: ./build-image.sh
    deps: [gen/]
  nginx:
    live:
      - sync: {from: ./site, to: /usr/share/nginx/html}
kubernetes:
  manifests: [k8s/*.yaml, {command: "cat more.json", deps: [more.json]}]
  context: kind-dev
  allow: [staging-eu]
  namespace: dev
  registry: localhost:5000
local:
  codegen: {cmd: make gen, deps: [proto/], ignore: ["**/*.pb.ts"]}
  docs:
    serve: npm run docs
    cmd: npm run docs:build
    deps: [docs/]
    dir: ./docs
    env: {PORT: "3000"}
    ready: {http: "http://127.0.0.1:3000/", every: 1s, timeout: 500ms, failures: 5}
    restart: on-failure
    links: ["http://127.0.0.1:3000"]
resources:
  web:
    ports: [8080, "9000:80", "127.0.0.1:5432:5432"]
    needs: [codegen, {name: db, update: restart}]
    trigger: manual
    start: false
    onChange: finish
    debounce: {quiet: 100, max: 1m30s}
    ready: pods
    selectors: [{app: web}]
    objects: ["configmap/web-config"]
    labels: [frontend]
settings:
  parallel: 5
  ignore: ["**/dist/**"]
  env: [.env]
`;

const files = {
  'sluice.yaml': full,
  '.env': 'TOKEN=abc\n',
  'web/Dockerfile': 'FROM scratch AS dev\n',
  'web/.dockerignore': 'src/secret\n!README.md\n',
  'k8s/web.yaml': deployment('web', 'shop/web', 'docker.io/library/nginx:1.27', 'shop/gen'),
  'k8s/db.yaml': `${deployment('db', 'redis')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-config}\n`,
  'more.json': '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"k":"hunter2"}}',
};

describe('the whole of sluice.yaml', () => {
  it('becomes images with every default filled in', async () => {
    const { dir, config } = project(files);
    const { images } = await config();
    expect(images['shop/web']?.build).toEqual({
      is: 'dockerfile',
      context: join(dir, 'web'),
      dockerfile: join(dir, 'web/Dockerfile'),
      recipe: ['Dockerfile', 'Dockerfile.dockerignore', '.dockerignore'].map((name) => join(dir, 'web', name)),
      // `only` names none of them.
      hidden: ['Dockerfile', 'Dockerfile.dockerignore', '.dockerignore'].map((name) => join(dir, 'web', name)),
      target: 'dev',
      args: { VERSION: '1', N: '2' },
      secrets: ['id=npmrc,src=~/.npmrc'],
      ssh: ['default'],
      platform: 'linux/amd64',
    });
    expect(images['shop/web']?.live.map(({ is, at }) => `${is}:${at.line}:${at.column}`)).toEqual([
      'fallback:13:9',
      'sync:14:9',
      'run:15:9',
      'restart:16:9',
    ]);
    expect(images['shop/gen']?.build).toEqual({
      is: 'command',
      command: './build-image.sh',
      dir,
      env: { TOKEN: 'abc' },
    });
    expect(images.nginx?.build).toEqual({ is: 'elsewhere' });
    expect(images.nginx?.files.roots).toEqual([join(dir, 'site')]);
  });

  it('is told of a step that would start with no file: where no sync rule covers it, a change is a full build', async () => {
    const { config } = project(files);
    const { warnings } = await config();
    expect(warnings.map(({ code, what, at }) => [code, what, at?.line])).toEqual([
      ['S113', expect.stringContaining('run.when web/package.json starts nothing'), 15],
    ]);
  });

  it.each([
    ['web/src/package.json', 0],
    ['web/src/**/*.json', 0],
    ['web/**/*.json', 0],
    ['web/*/a.json', 0],
    ['web/{src,lib}/*.json', 0],
    ['web', 0],
    ['web/*.json', 1],
    ['web/lib', 1],
  ])('a step that waits for %s has as many warnings: %i', async (when, count) => {
    const live = `[{sync: {from: ./web/src, to: /src}}, {run: {cmd: a, when: ["${when}"]}}]`;
    const { config } = project({
      'sluice.yaml': `images: {shop/web: {context: ./web, live: ${live}}}\nkubernetes: {manifests: [k.yaml]}\n`,
      'web/Dockerfile': 'FROM scratch\n',
      'k.yaml': deployment('web', 'shop/web'),
    });
    expect((await config()).warnings).toHaveLength(count);
  });

  it('lets only, ignore, .dockerignore and settings.ignore each take files away, but not what the build is made by', async () => {
    const { dir, config } = project(files);
    const { images } = await config();
    const { has } = matcher(images['shop/web']!.files);
    const seen = [
      'src/a.js',
      'package.json',
      'Dockerfile',
      '.dockerignore',
      'other.js',
      'src/secret',
      'src/a.md',
      'src/dist/x',
    ].filter((path) => has(join(dir, 'web', path)));
    expect(seen).toEqual(['src/a.js', 'package.json', 'Dockerfile', '.dockerignore']);
  });

  it('becomes resources in start order with their settings', async () => {
    const { dir, config } = project(files);
    const { resources, order, kubernetes, settings } = await config();
    expect(order).toEqual(['uncategorized', 'codegen', 'docs', 'db', 'web']);
    const web = resources.web as KubeSpec;
    expect(web).toMatchObject({
      images: ['shop/web', 'nginx', 'shop/gen'],
      workload: { kind: 'Deployment', name: 'web', namespace: null, replicas: 1 },
      ports: [
        { host: '127.0.0.1', local: 8080, container: null },
        { host: '127.0.0.1', local: 9000, container: 80 },
        { host: '127.0.0.1', local: 5432, container: 5432 },
      ],
      needs: [
        { name: 'codegen', update: 'order' },
        { name: 'db', update: 'restart' },
      ],
      trigger: 'manual',
      start: false,
      onChange: 'finish',
      debounce: { quietMs: 100, maxMs: 90_000 },
      labels: ['frontend'],
      at: { file: join(dir, 'k8s/web.yaml'), line: 1, column: 1 },
    });
    expect(web.objects.map(({ object }) => object.kind)).toEqual(['ConfigMap', 'Deployment']);
    const docs = resources.docs as LocalSpec;
    expect(docs.env).toEqual({ TOKEN: 'abc', PORT: '3000' });
    expect(docs.ready).toEqual({
      is: 'http',
      url: 'http://127.0.0.1:3000/',
      everyMs: 1000,
      timeoutMs: 500,
      failures: 5,
    });
    expect(kubernetes).toEqual({
      context: 'kind-dev',
      allow: ['staging-eu'],
      namespace: 'dev',
      registry: 'localhost:5000',
    });
    expect(settings).toEqual({ parallel: 5, ignore: ['**/dist/**'] });
  });

  it('yields the secrets of its manifests, raw and encoded', async () => {
    const loaded = await project(files).load();
    expect(loaded.secrets.filter(({ isOurs }) => !isOurs)).toEqual([
      { name: 's', key: 'k', value: 'hunter2' },
      { name: 's', key: 'k', value: 'aHVudGVyMg==' },
    ]);
  });

  it('is read again after a change to anything it was made of, and to nothing else', async () => {
    const { dir, config } = project(files);
    const { has } = matcher((await config()).reads);
    const read = [
      'sluice.yaml',
      '.env',
      'web/Dockerfile',
      'web/.dockerignore',
      'web/Dockerfile.dockerignore',
      'k8s/web.yaml',
      'k8s/new.yaml',
      'more.json',
    ];
    const not = ['web/src/a.js', 'k8s/notes.txt', 'README.md', 'k8s/deeper/x.yaml'];
    expect([...read, ...not].filter((path) => has(join(dir, path)))).toEqual(read);
  });

  it('takes the namespace of the command line before its own', async () => {
    const loaded = await project(files).load({}, 'mine');
    expect('config' in loaded && loaded.config.kubernetes?.namespace).toBe('mine');
  });
});

describe('variables', () => {
  const dirOf = async (dir: string, env: Readonly<Record<string, string>>): Promise<string> => {
    const made = project({
      'sluice.yaml': `local: {a: {cmd: "echo $HOME \${NOPE} $$", dir: "${dir}"}}\nsettings: {env: [.env]}\n`,
      '.env': 'A=file\nQ="two words" # note\nE=\n',
    });
    const a = (await made.config(env)).resources.a as LocalSpec;
    expect(a.cmd).toBe('echo $HOME ${NOPE} $$');
    return a.dir.slice(1 + made.dir.length);
  };
  it.each([
    ['${A}', 'file'],
    ['${Q}', 'two words'],
    ['${B:-x}', 'x'],
    ['${E:-x}', 'x'],
    ['${B:-}z', 'z'],
    ['$${A}$A$$', '${A}$A$'],
  ])('%s is %s', async (text, value) => {
    expect(await dirOf(text, {})).toBe(value);
  });
  it('come from the environment before env files', async () => {
    expect(await dirOf('${A}', { A: 'environment' })).toBe('environment');
  });
  it('cannot change the structure of the file', async () => {
    expect(await dirOf('${A}', { A: 'x}, b: {cmd: y' })).toBe('x}, b: {cmd: y');
  });
});

it('anchors and merge keys are resolved, with places inside of them', async () => {
  const made = project({
    'sluice.yaml': 'local:\n  a: &base {cmd: x, deps: [src]}\n  b:\n    <<: *base\n    cmd: y\n',
  });
  const { b } = (await made.config()).resources;
  expect(b).toMatchObject({ cmd: 'y', files: { roots: [join(made.dir, 'src')] } });
  const wrong = project({ 'sluice.yaml': 'local:\n  a: &base {cmd: x, deps: src}\n  b:\n    <<: *base\n' });
  expect(await wrong.faults()).toEqual([
    'sluice.yaml:2:27 S103 local.a.deps: expected a list, not the text src',
    'sluice.yaml:2:27 S103 local.b.deps: expected a list, not the text src',
  ]);
});

it('deps may be globs', async () => {
  const made = project({
    'sluice.yaml': 'local: {a: {cmd: x, deps: ["src/**/*.ts", lib], ignore: ["**/*.gen.ts"]}}\n',
  });
  const { files: deps } = (await made.config()).resources.a as LocalSpec;
  const { has } = matcher(deps);
  const paths = ['src/a.ts', 'src/b/c.ts', 'src/a.js', 'src/a.gen.ts', 'lib/any.js', 'other.ts'];
  expect(paths.filter((path) => has(join(made.dir, path)))).toEqual(['src/a.ts', 'src/b/c.ts', 'lib/any.js']);
});

it('images of the configuration that others are built from come first, and tell app from app:stretch', async () => {
  const made = project({
    'sluice.yaml':
      'images:\n  app: {context: .}\n  app:stretch: {dockerfile: stretch.Dockerfile}\n  base: {dockerfile: base.Dockerfile}\nkubernetes: {manifests: [k.yaml]}\n',
    Dockerfile: 'ARG FROM=app:stretch\nFROM ${FROM} AS one\nFROM docker.io/library/base:3\nCOPY --from=one /a /a\n',
    'stretch.Dockerfile': 'FROM scratch\n',
    'base.Dockerfile': 'FROM app:stretch\n',
    'k.yaml': deployment('web', 'app:1.2'),
  });
  const { images, resources } = await made.config();
  expect(images.app?.bases).toEqual(['app:stretch', 'base']);
  expect((resources.web as KubeSpec).images).toEqual(['app:stretch', 'base', 'app']);
});

describe('finding the file', () => {
  it('looks upwards for sluice.yaml, then for a Compose file', async () => {
    const dir = tempProject({ 'sluice.yml': '', 'a/b/compose.yaml': '', 'a/c/sluice.yaml': '' });
    expect(await findConfig(join(dir, 'a/b'))).toBe(join(dir, 'sluice.yml'));
    expect(await findConfig(join(dir, 'a/c'))).toBe(join(dir, 'a/c/sluice.yaml'));
    const alone = tempProject({ 'compose.yaml': '', 'x/y': '' });
    expect(await findConfig(alone)).toBe(join(alone, 'compose.yaml'));
    expect(await findConfig(join(alone, 'x'))).toBe(join(alone, 'compose.yaml'));
  });
});
