import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import type { Config } from '../../src/model/config.ts';
import { matcher } from '../../src/model/fileset.ts';
import { configOf, deployment, project } from './project.ts';

const kubernetes = 'kubernetes: {manifests: [k/a.yaml]}\n';
const files = { 'k/a.yaml': deployment('a', 'a'), Dockerfile: 'FROM scratch', 'a.txt': '', 'src/x': '' };

const load = async (yaml: string, more: Readonly<Record<string, string>> = {}) => {
  const made = project({ ...files, ...more, 'sluice.yaml': yaml });
  return { dir: made.dir, config: await made.config() };
};

const filesOf = ({ images, resources }: Config) => {
  const local = resources.gen;
  return local?.kind === 'local' ? local.files : images.a!.files;
};

describe('the configuration in use is no part of', () => {
  it.each([
    ['a context', `images: {a: {context: .}}\n${kubernetes}`],
    ['a context above it', `images: {a: {context: .., dockerfile: Dockerfile}}\n${kubernetes}`],
    [
      'what a pattern lets in again',
      `images: {a: {context: .}}\n${kubernetes}`,
      { '.dockerignore': '*\n!*.yaml\n!*.txt' },
    ],
    ['what is synced', `images: {a: {live: [{sync: {from: ., to: /x}}]}}\n${kubernetes}`],
    ['deps of a command image', `images: {a: {command: make, deps: ["*"]}}\n${kubernetes}`],
    ['deps of a local resource', 'local: {gen: {cmd: "true", deps: [.]}}\n'],
    ['deps that match it by a pattern', 'local: {gen: {cmd: "true", deps: ["*.yaml", a.txt]}}\n'],
  ] as [string, string, Record<string, string>?][])('%s', async (_, yaml, more) => {
    const { dir, config } = await load(yaml, more);
    const { has } = matcher(filesOf(config));
    expect(has(`${dir}/sluice.yaml`)).toBe(false);
    expect(has(`${dir}/a.txt`)).toBe(true);
    expect(matcher(config.reads).has(`${dir}/sluice.yaml`)).toBe(true);
    const entries = await createDisk().list(dir, filesOf(config), new AbortController().signal);
    expect(entries.map(({ path }) => path)).not.toContain('sluice.yaml');
  });
});

describe('what the session itself writes is no part of', () => {
  it.each([
    ['a context', `images: {a: {context: .}}\n${kubernetes}`],
    ['deps of a local resource', 'local: {gen: {cmd: "true", deps: [.]}}\n'],
  ])('%s', async (_, yaml) => {
    const { dir } = project({ ...files, 'sluice.yaml': yaml });
    const request = { file: join(dir, 'sluice.yaml'), env: {}, writes: [join(dir, 'rec.ndjson')] };
    const { has } = matcher(filesOf(await configOf(request)));
    expect(['rec.ndjson', 'other.ndjson', 'sluice.yaml'].map((name) => has(join(dir, name)))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('the configuration is what is named by its own name', () => {
  it.each([
    ['in .dockerignore', `images: {a: {context: .}}\n${kubernetes}`, { '.dockerignore': '*\n!sluice.yaml\n!a.txt' }],
    ['in ignore', `images: {a: {context: ., ignore: ["!sluice.yaml"]}}\n${kubernetes}`],
    ['in only', `images: {a: {context: ., only: [sluice.yaml, a.txt]}}\n${kubernetes}`],
    ['in deps', 'local: {gen: {cmd: "true", deps: [sluice.yaml, a.txt]}}\n'],
    [
      'in a sync rule',
      `images: {a: {live: [{sync: {from: sluice.yaml, to: /x}}, {sync: {from: a.txt, to: /y}}]}}\n${kubernetes}`,
    ],
  ] as [string, string, Record<string, string>?][])('%s', async (_, yaml, more) => {
    const { dir, config } = await load(yaml, more);
    const { has } = matcher(filesOf(config));
    expect([has(`${dir}/sluice.yaml`), has(`${dir}/a.txt`)]).toEqual([true, true]);
  });
});

it('a comment in it changes no image and no resource, a build argument changes its own image', async () => {
  const yaml = (args: string) =>
    `images:\n  a: {context: ., args: ${args}}\n  b: {context: src, dockerfile: Dockerfile}\n`;
  const more = { 'k/b.yaml': deployment('b', 'b') };
  const rest = 'kubernetes: {manifests: ["k/*.yaml"]}\n';
  const made = project({ ...files, ...more, 'sluice.yaml': yaml('{A: 1}') + rest });
  const digests = async () => {
    const { resources } = await made.config();
    return Object.fromEntries(Object.entries(resources).map(([name, { digest }]) => [name, digest]));
  };
  const before = await digests();
  made.write('sluice.yaml', `# a comment\n\n${yaml('{A: 1}')}${rest}# another\n`);
  expect(await digests()).toEqual(before);
  made.write('sluice.yaml', yaml('{A: 2}') + rest);
  const after = await digests();
  expect(after.a).not.toBe(before.a);
  expect(after.b).toBe(before.b);
});
