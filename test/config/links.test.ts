import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config, FileSet } from '../../src/model/config.ts';
import { matcher } from '../../src/model/fileset.ts';
import { fakeProc } from '../support/ports.ts';
import { tempProject } from '../support/temp.ts';
import { configOf, deployment } from './project.ts';

const never = new AbortController().signal;

/** A project in `p` beside `ext`, with links from path to target. */
function linked(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>>): string {
  const dir = tempProject(files);
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    symlinkSync(target, join(dir, path));
  }
  return dir;
}

const loaded = (dir: string): Promise<Config> => configOf({ file: join(dir, 'p/sluice.yaml'), env: {} });

const has = (files: FileSet | undefined, dir: string, ...paths: readonly string[]): boolean[] => {
  const set = matcher(files ?? { roots: [], filters: [] }, { watching: true });
  return paths.map((path) => set.has(join(dir, path)));
};

describe('links within the deps of a local resource', () => {
  it('bring what lies behind them, further links included, without what is ignored by its name here', async () => {
    const dir = linked(
      {
        'p/sluice.yaml': 'local: {gen: {cmd: "true", deps: [src/, one.cfg], ignore: ["src/**/skip", src/dist]}}\n',
        'p/src/a': '',
        'p/one.cfg': '',
        'p/src/dist/out': '',
        'ext/shared/x': '',
        'ext/shared/skip/y': '',
        'ext/far/z': '',
        'ext/file': '',
        'ext/other': '',
      },
      {
        'p/src/shared': '../../ext/shared',
        'ext/shared/far': '../far',
        'ext/far/back': '../shared',
        'p/src/up': '..',
        'p/src/top': '/',
        'p/src/latest': 'dist',
        'p/src/conf': '../../ext/file',
        'p/src/later': '../../ext/later',
      },
    );
    const config = await loaded(dir);
    const spec = config.resources.gen;
    const files = spec && 'files' in spec ? spec.files : undefined;
    const seen = ['p/src/shared', 'ext/shared/x', 'ext/far/z', 'ext/file', 'ext/later/new', 'p/src/a', 'p/one.cfg'];
    expect(has(files, dir, ...seen)).toEqual(seen.map(() => true));
    const unseen = ['ext/shared/skip/y', 'ext/other', 'p/src/dist/out', 'p/sluice.yaml', 'elsewhere'];
    expect(has(files, dir, ...unseen)).toEqual(unseen.map(() => false));
    expect(has(config.reads, dir, 'p/src/shared', 'ext/shared/far', 'p/src/up')).toEqual([true, true, false]);
  });
});

describe('a path that leads over links', () => {
  it('is watched at its real place, with every link on the way, for deps, env files, values and commands', async () => {
    const yaml = `settings: {env: [.env], ignore: ["**/*.tmp", proto/skip]}
kubernetes: {manifests: [{command: cat k.yaml, deps: [dep/]}]}
local:
  gen: {cmd: "true", deps: [proto/, "lib/*.ts"], ignore: [proto/no]}
`;
    const dir = linked(
      {
        'p/sluice.yaml': yaml,
        'p/k.yaml': '',
        'ext/env': 'A=1',
        'ext/proto/a': '',
        'ext/two/lib/x.ts': '',
        'ext/dep/d': '',
      },
      {
        'p/.env': '../ext/one',
        'ext/one': 'env',
        'p/proto': '../ext/way/proto',
        'ext/way': '.',
        'p/lib': '../ext/two/lib',
        'p/dep': '../ext/dep',
      },
    );
    const { reads, resources } = await loaded(dir);
    expect(has(reads, dir, 'p/sluice.yaml', 'p/.env', 'ext/one', 'ext/env', 'p/dep', 'ext/dep/d')).not.toContain(false);
    expect(has(reads, dir, 'p/k.yaml', 'ext/proto/a', 'ext/two/lib/x.ts')).not.toContain(true);
    const gen = resources.gen?.kind === 'local' ? resources.gen.files : undefined;
    expect(has(gen, dir, 'ext/proto/a', 'ext/two/lib/x.ts', 'p/proto', 'ext/way', 'p/lib')).not.toContain(false);
    // Rules go by the names that stand in the configuration.
    expect(has(gen, dir, 'ext/proto/no', 'ext/proto/skip/x', 'ext/proto/x.tmp', 'ext/two/lib/x.js')).not.toContain(
      true,
    );
  });

  it('is what a context, a Dockerfile and its ignore file are', async () => {
    const yaml = `images:
  a: {context: ./ctx, live: [{fallback: [ctx/pkg.json]}, {sync: {from: ctx/src, to: /src}}, {sync: {from: ctx/conf, to: /etc/}}]}
kubernetes: {manifests: [k.yaml]}
settings: {ignore: [ctx/secret, real]}
`;
    const dir = linked(
      {
        'p/sluice.yaml': yaml,
        'p/k.yaml': deployment('a', 'a'),
        'p/real/f': '',
        'p/real/pkg.json': '',
        'p/real/secret': '',
        'p/real/x.md': '',
        'ext/Dockerfile.dev': 'FROM scratch',
        'ext/ignore': '*.md',
        'ext/src/main.ts': '',
        'ext/conf.dev': '',
      },
      {
        'p/ctx': 'real',
        'p/real/Dockerfile': '../../ext/Dockerfile.dev',
        'p/real/.dockerignore': '../../ext/ignore',
        'p/real/src': '../../ext/src',
        'p/real/conf': '../../ext/conf.dev',
      },
    );
    const { images, reads } = await loaded(dir);
    const { build, files, live } = images.a!;
    expect(build).toMatchObject({ context: join(dir, 'p/real'), dockerfile: join(dir, 'ext/Dockerfile.dev') });
    const entries = await createDisk().list(join(dir, 'p/real'), files, never);
    expect(entries.map(({ path }) => path)).toEqual(['.dockerignore', 'Dockerfile', 'conf', 'f', 'pkg.json', 'src']);
    const watched = ['p/ctx', 'ext/Dockerfile.dev', 'ext/ignore', 'ext/src/main.ts', 'ext/conf.dev', 'p/real/f'];
    expect(has(files, dir, ...watched)).not.toContain(false);
    expect(has(files, dir, 'p/real/secret', 'p/real/x.md', 'ext/else')).not.toContain(true);
    expect(has(reads, dir, 'ext/Dockerfile.dev', 'ext/ignore', 'p/real/Dockerfile', 'p/ctx')).not.toContain(false);
    expect(live).toMatchObject([
      { paths: [join(dir, 'p/real/pkg.json')] },
      { from: join(dir, 'ext/src'), to: '/src' },
      // It keeps the name that it has here.
      { from: join(dir, 'ext/conf.dev'), to: '/etc/conf' },
    ]);
  });

  it('is matched as in a shell, and watched where it leads', async () => {
    const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
    const yaml = 'kubernetes: {manifests: ["k8s/*.yaml", one.yaml, "apps/*/k.yaml", "deep/**/d.yaml"]}\n';
    const dir = linked(
      {
        'p/sluice.yaml': yaml,
        'ext/k8s/a.yaml': map('a'),
        'ext/b.yaml': map('b'),
        'ext/one': map('one'),
        'ext/web/k.yaml': map('web'),
        'p/apps/own/k.yaml': map('own'),
        'p/apps/own/other.yaml': 'no: [yaml',
        'p/deep/x/d.yaml': map('d'),
      },
      {
        'p/k8s': '../ext/k8s',
        'ext/k8s/b.yaml': '../b.yaml',
        'p/one.yaml': '../ext/one',
        'p/apps/web': '../../ext/web',
        'p/apps/loop': '.',
        'p/deep/back': '..',
      },
    );
    const { resources, reads } = await loaded(dir);
    const { objects } = resources.uncategorized as Extract<Config['resources'][string], { kind: 'kubernetes' }>;
    expect(objects.map(({ object }) => object.metadata.name).sort()).toEqual(['a', 'b', 'd', 'one', 'own', 'web']);
    const watched = ['ext/k8s/a.yaml', 'ext/b.yaml', 'ext/one', 'ext/web/k.yaml', 'p/k8s', 'p/apps/web', 'p/one.yaml'];
    expect(has(reads, dir, ...watched, 'ext/k8s/new.yaml', 'p/apps/new/k.yaml')).not.toContain(false);
    expect(has(reads, dir, 'ext/k8s/x.json', 'p/apps/own/other.yaml', 'ext/web/x')).not.toContain(true);
  });

  it('is followed to nowhere and round in circles without an end', async () => {
    const dir = linked(
      { 'p/sluice.yaml': 'local:\n  gen: {cmd: "true", deps: [none, loop, self/x]}\n' },
      { 'p/none': '../ext/later/file', 'p/loop': 'loop2', 'p/loop2': 'loop', 'p/self': 'self/self' },
    );
    const { resources } = await loaded(dir);
    const gen = resources.gen?.kind === 'local' ? resources.gen.files : undefined;
    expect(has(gen, dir, 'p/none', 'ext/later/file', 'p/loop', 'p/loop2', 'p/self')).not.toContain(false);
  });

  it('may be the configuration itself: its paths are relative to where it is named', async () => {
    const dir = linked(
      { 'ext/shared.yaml': 'local:\n  gen: {cmd: "true", deps: [.]}\n', 'p/a': '' },
      { 'p/sluice.yaml': '../ext/shared.yaml' },
    );
    const { resources, reads } = await loaded(dir);
    expect(has(reads, dir, 'p/sluice.yaml', 'ext/shared.yaml')).toEqual([true, true]);
    const gen = resources.gen?.kind === 'local' ? resources.gen.files : undefined;
    expect(has(gen, dir, 'p/a', 'p/sluice.yaml', 'ext/shared.yaml')).toEqual([true, false, false]);
  });

  it('is followed for kustomizations, whose own paths are relative to the real place', async () => {
    const dir = linked(
      {
        'p/sluice.yaml': 'kubernetes: {manifests: [{kustomize: over}]}\n',
        'ext/over/kustomization.yaml': 'resources: [../base]\n',
        'ext/real/kustomization.yaml': 'resources: []\n',
      },
      { 'p/over': '../ext/over', 'ext/base': 'real' },
    );
    const stop = new AbortController();
    const proc = fakeProc();
    const loading = loadConfig(
      { file: join(dir, 'p/sluice.yaml'), env: {} },
      { disk: createDisk(), proc },
      stop.signal,
    );
    await expect.poll(() => proc.alive.length).toBe(1);
    proc.alive[0]?.exit(1);
    const found = await loading;
    const reads = 'reads' in found ? found.reads : undefined;
    const watched = ['p/over', 'ext/over/kustomization.yaml', 'ext/base', 'ext/real/kustomization.yaml'];
    expect(has(reads, dir, ...watched)).not.toContain(false);
  });
});
