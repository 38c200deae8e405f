// `deps` that a command prints, and the recipes of docs/recipes: each is read from its page and carried out with programs of ours
// that bear the names of the real ones.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { matcher } from '../../../src/model/fileset.ts';
import { tempProject } from '../../support/temp.ts';
import { deployment, type Project, project } from '../project.ts';

const yaml = (image: string): string => `images:\n  shop/web:\n${image}\nkubernetes: {manifests: [k8s.yaml]}\n`;
const web = { 'k8s.yaml': deployment('web', 'shop/web') };
const watchedBy = async (from: Project, ref = 'shop/web') =>
  matcher((await from.config()).images[ref]!.files, { watching: true });

describe('deps that a command prints', () => {
  it.each([
    ['lines', "printf 'src\\\\n\\\\nodd[1]*.txt\\\\r\\\\nsrc\\\\n'"],
    ['a list in JSON', 'echo \'["src", "odd[1]*.txt"]\''],
  ])('as %s are watched as they are named, and printed again when one changes', async (_, command) => {
    const from = project({
      ...web,
      'sluice.yaml': yaml(
        `    command: make\n    deps:\n      command: ${JSON.stringify(command).replaceAll('\\\\\\\\', '\\\\')}\n`,
      ),
      'src/a': '',
    });
    const watched = await watchedBy(from);
    for (const path of ['src/a', 'src/new/b', 'odd[1]*.txt'])
      expect(watched.has(`${from.dir}/${path}`), path).toBe(true);
    for (const path of ['odd1.txt', 'other']) expect(watched.has(`${from.dir}/${path}`), path).toBe(false);
    expect(matcher((await from.config()).reads, { watching: true }).has(`${from.dir}/src/a`)).toBe(true);
  });

  it('are printed again for some files alone where these are named', async () => {
    const from = project({
      ...web,
      'sluice.yaml': yaml("    command: make\n    deps: {command: echo src, deps: ['*.mod']}\n"),
      'src/a': '',
    });
    const reads = matcher((await from.config()).reads, { watching: true });
    expect([reads.has(`${from.dir}/src/a`), reads.has(`${from.dir}/go.mod`)]).toEqual([false, true]);
  });

  it.each([
    ['true', 'S103 the command printed no path'],
    ['echo why >&2; exit 3', 'S124 the command that prints deps failed: why'],
    ['seq 20001', 'S103 the command printed more than 20000 paths'],
  ])('%s is told where it stands', async (command, told) => {
    const from = project({ ...web, 'sluice.yaml': yaml(`    command: make\n    deps: {command: "${command}"}\n`) });
    expect(await from.faults()).toEqual([`sluice.yaml:4:21 ${told}`]);
  });
});

describe('a recipe', () => {
  const pages = join(dirname(fileURLToPath(import.meta.url)), '../../../docs/recipes');
  let bin: string;
  beforeEach(() => {
    bin = tempProject();
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  });
  afterEach(() => vi.unstubAllEnvs());

  /** A program that notes how it was called, and does this. */
  function program(path: string, does: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\necho "$(basename "$0") $*" >> ${bin}/calls\n${does}\n`);
    chmodSync(path, 0o755);
  }

  /** The configuration of a page in a project of its own; every image of it is built. */
  async function tried(
    page: string,
    files: Readonly<Record<string, string>>,
    own: Readonly<Record<string, string>> = {},
  ) {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(pages, page), 'utf8')) ?? [];
    const refs = Object.keys(parse(text).images);
    const manifests = '\nkubernetes: {manifests: [k8s.yaml]}\n';
    const from = project({ 'sluice.yaml': text + manifests, 'k8s.yaml': deployment('all', ...refs), ...files });
    for (const [name, does] of Object.entries(own))
      program(name.startsWith('./') ? join(from.dir, name) : join(bin, name), does);
    const { images } = await from.config();
    for (const [ref, { build }] of Object.entries(images)) {
      if (build.is !== 'command') throw new Error(`${ref} is not made by a command`);
      execFileSync('/bin/sh', ['-c', build.command], {
        cwd: build.dir,
        env: { ...process.env, SLUICE_IMAGE: `${ref}:asked` },
      });
    }
    const calls = readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n');
    const watches = async (ref: string, path: string) => (await watchedBy(from, ref)).has(join(from.dir, path));
    return { calls, watches };
  }

  it('by ko builds and names what it printed, and watches the packages of the program', async () => {
    const { calls, watches } = await tried(
      'ko.md',
      { 'go.mod': '', 'lib/a.go': '' },
      {
        ko: 'echo ko.local/api@sha256:1',
        go: 'case $1 in env) echo amd64;; list) pwd; echo "$PWD/lib";; esac',
        docker: '',
      },
    );
    expect(calls).toContain('ko build --local --platform=linux/amd64 ./cmd/api');
    expect(calls.at(-1)).toBe('docker tag ko.local/api@sha256:1 shop/api:asked');
    expect(await watches('shop/api', 'lib/a.go')).toBe(true);
  });

  it('by Jib builds with Maven and Gradle, and watches what Maven says', async () => {
    const json = '{"build":["pom.xml"],"inputs":["pom.xml","src/main/java"],"ignore":[]}';
    const { calls, watches } = await tried(
      'jib.md',
      { 'pom.xml': '' },
      {
        './mvnw': `case "$*" in *skaffold*) echo "BEGIN JIB JSON"; echo '${json}';; esac`,
        './gradlew': '',
      },
    );
    expect(calls).toContain('mvnw -q compile jib:dockerBuild -Djib.to.image=shop/orders:asked');
    expect(calls).toContain('gradlew -q jibDockerBuild --image=shop/billing:asked');
    expect(await watches('shop/orders', 'src/main/java/A.java')).toBe(true);
    expect(await watches('shop/orders', 'src/test/A.java')).toBe(false);
  });

  it('by Buildpacks builds the directory', async () => {
    const { calls, watches } = await tried('buildpacks.md', {}, { pack: '' });
    expect(calls).toEqual([expect.stringMatching(/^pack build shop\/site:asked --path site /)]);
    expect(await watches('shop/site', 'site/index.js')).toBe(true);
  });

  it('by Bazel loads the target, and watches its sources', async () => {
    const { calls, watches } = await tried(
      'bazel.md',
      {},
      {
        bazel: 'case $1 in query) echo //search:main.go; echo //lib/text:cut.go; echo //:go.mod;; esac',
        docker: '',
      },
    );
    expect(calls.slice(-2)).toEqual(['bazel run //search:load', 'docker tag shop/search:bazel shop/search:asked']);
    for (const path of ['search/main.go', 'lib/text/cut.go', 'go.mod'])
      expect(await watches('shop/search', path), path).toBe(true);
  });

  it('by Nix loads the archive and names what was loaded', async () => {
    const { calls } = await tried(
      'nix.md',
      {},
      { nix: 'echo /nix/store/x.tar.gz', docker: 'case $1 in load) echo "Loaded image: mail:abc";; esac' },
    );
    expect(calls).toEqual([
      'nix build --no-link --print-out-paths .#mail-image',
      'docker load -q -i /nix/store/x.tar.gz',
      'docker tag mail:abc shop/mail:asked',
    ]);
  });

  it('is tried for every page', () => {
    expect(readdirSync(pages).sort()).toEqual(['README.md', 'bazel.md', 'buildpacks.md', 'jib.md', 'ko.md', 'nix.md']);
  });
});
