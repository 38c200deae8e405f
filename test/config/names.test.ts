import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { withoutBraces } from '../../src/config/values/place.ts';
import type { Config, FileSet } from '../../src/model/config.ts';
import { matcher } from '../../src/model/fileset.ts';
import { hits } from '../../src/update/live/rules.ts';
import { tempProject } from '../support/temp.ts';
import { configOf, deployment } from './project.ts';

const never = new AbortController().signal;

const yaml = `settings: {ignore: ["**/*.log"]}
images:
  a:
    context: .
    only: [src, pkg.json, lock, app]
    live: [{fallback: [pkg.json, "lock/*.json", "app/[id]"]}, {sync: {from: src, to: /src}}]
  b: {command: make, deps: ["lib/*.{c,h}", other/]}
kubernetes: {manifests: ["k8s/*.yaml", plain.yaml, {command: echo, deps: ["in/*"]}]}
local:
  gen: {cmd: "true", deps: [gen/, "more/*.ts"], ignore: [gen/no]}
`;

const files = {
  'sluice.yaml': yaml,
  'k8s/a.yaml': deployment('a', 'a'),
  'k8s/b.txt': 'no: [yaml',
  'plain.yaml': deployment('b', 'b'),
  Dockerfile: 'FROM scratch',
  'src/main.ts': '',
  'pkg.json': '',
  'gen/x': '',
};

async function loaded(dir: string): Promise<Config> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return configOf({ file: join(dir, 'sluice.yaml'), env: {} });
}

const having = (set: FileSet | undefined, dir: string) => {
  const { has } = matcher(set ?? { roots: [], filters: [] }, { watching: true });
  return (...paths: readonly string[]) => paths.map((path) => has(join(dir, path)));
};

describe.each([
  'Work (2024)',
  '(x)',
  'a{b}',
  'a{b,c}',
  'a\\b',
  'a[b]',
  '[',
  '*',
  '**',
  'a?b',
  '!x',
  '#x',
  '@(x)',
  ' x ',
  '$HOME',
  "it's",
  '"q"',
  'a,b',
  '-x',
  'ü ñ',
  'new\nline',
  '.hidden',
  '%41',
  '~',
])('a project in a directory called %j', (name) => {
  it('has what its configuration names, and nothing else', async () => {
    const dir = join(tempProject(), name, 'p');
    const { images, resources, reads } = await loaded(dir);
    expect(Object.keys(resources).sort()).toEqual(['a', 'b', 'gen']);

    const read = having(reads, dir);
    expect(read('sluice.yaml', 'k8s/new.yaml', 'plain.yaml', 'in/x', 'Dockerfile')).not.toContain(false);
    expect(read('k8s/b.txt', 'gen/x', '../x', '../k8s/a.yaml', '../other/x.txt')).not.toContain(true);

    const gen = having(resources.gen?.kind === 'local' ? resources.gen.files : undefined, dir);
    expect(gen('gen/x', 'more/x.ts')).not.toContain(false);
    expect(gen('gen/no', 'gen/x.log', 'more/x.js', '../x', '../gen/x', 'src/x')).not.toContain(true);

    const command = having(images.b?.files, dir);
    expect(command('lib/x.c', 'lib/x.h', 'other/x')).not.toContain(false);
    expect(command('lib/x.o', 'x', '../lib/x.c')).not.toContain(true);

    const entries = await createDisk().list(dir, images.a!.files, never);
    expect(entries.map(({ path }) => path)).toEqual(['Dockerfile', 'pkg.json', 'src', 'src/main.ts']);
    const fallback = images.a?.live.flatMap((rule) => (rule.is === 'fallback' ? rule.paths : [])) ?? [];
    const hit = (path: string) => hits(fallback, join(dir, path));
    expect(['pkg.json', 'lock/a.json', 'app/[id]', 'app/[id]/x'].map(hit)).not.toContain(false);
    expect(['lock/a.txt', 'src/x', '../lock/a.json'].map(hit)).not.toContain(true);
    expect(images.a?.live).toContainEqual(expect.objectContaining({ is: 'sync', from: join(dir, 'src') }));
  });
});

it.each([
  ['a', ['a']],
  ['a.{b,c}', ['a.b', 'a.c']],
  ['{a,b}/{c,d/{e,f}}', ['a/c', 'a/d/e', 'a/d/f', 'b/c', 'b/d/e', 'b/d/f']],
  ['{a}', ['{a}']],
  ['{a,b', ['{a,b']],
  ['{,x}y', ['y', 'xy']],
])('the braces of %s stand for each', (glob, all) => {
  expect([...withoutBraces(glob)].sort()).toEqual([...all].sort());
});

it('braces that would become too many stay as they are', () => {
  const glob = '{a,b}'.repeat(20);
  expect(withoutBraces(glob)).toEqual([glob]);
});
