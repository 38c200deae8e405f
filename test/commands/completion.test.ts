// Completions as a shell asks for them; bash is run, the others are read.
import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { drive } from '../support/drive.ts';
import { environment, program, runtimeDir, sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const run = promisify(execFile);

const config = `local:
  api: {serve: sleep 1000}
  apron: {cmd: "true"}
resources:
  api: {labels: [x]}
`;

/** What bash offers for a command line, the last word being the one under the cursor. */
async function offered(dir: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const bin = tempProject();
  writeFileSync(join(bin, 'sluice'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, 'sluice'), 0o755);
  const script = `source <(sluice completion bash)
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
_sluice
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run('bash', ['--norc', '-c', script, 'bash', 'sluice', ...words], {
    cwd: dir,
    env: environment({ PATH: `${bin}:${process.env.PATH}`, XDG_RUNTIME_DIR: runtimeDir(), ...env }),
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('offers commands, options of a command, and the words of a value', async () => {
    const dir = tempProject({ 'sluice.yaml': config });
    expect(await offered(dir, ['st'])).toEqual(['status', 'stop']);
    expect(await offered(dir, ['up', '--st'])).toEqual(['--stdin']);
    expect(await offered(dir, ['up', '--update-mode', 'i'])).toEqual(['image']);
    expect(await offered(dir, ['mode', 'm'])).toEqual(['manual']);
    expect(await offered(dir, ['completion', ''])).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers names of resources from the configuration, also the one named by -f', async () => {
    const dir = tempProject({ 'sluice.yaml': config, 'other.yaml': 'local: {other: {cmd: "true"}}' });
    expect(await offered(dir, ['trigger', ''])).toEqual(['api', 'apron']);
    expect(await offered(dir, ['up', 'ap'])).toEqual(['api', 'apron']);
    expect(await offered(dir, ['mode', 'auto', 'apr'])).toEqual(['apron']);
    expect(await offered(dir, ['up', '-f', 'other.yaml', ''])).toEqual(['other']);
  });

  it('offers the names of the running session', async () => {
    const dir = tempProject({ 'sluice.yaml': config });
    const session = drive(dir);
    await session.idle();
    writeFileSync(join(dir, 'sluice.yaml'), 'local: [broken');
    expect(await offered(dir, ['logs', 'ap'], { XDG_RUNTIME_DIR: session.env.XDG_RUNTIME_DIR ?? '' })).toEqual([
      'api',
      'apron',
    ]);
  });

  it('offers files, with spaces in their names, and runs nothing that stands in a name', async () => {
    const dir = tempProject({
      'sluice.yaml': 'resources: {"$(touch hacked)": {}, "a`touch hacked`": {}}',
      'with space.txt': '',
    });
    expect(await offered(dir, ['explain', 'with'])).toEqual(['with space.txt']);
    expect(await offered(dir, ['trigger', ''])).toEqual(['$(touch hacked)', 'a`touch hacked`']);
    expect(await offered(dir, ['explain', 'hack'])).toEqual([]);
  });

  it('offers nothing, and says nothing, where there is no configuration', async () => {
    expect(await offered(tempProject(), ['trigger', ''])).toEqual([]);
  });
});

describe('completion in other shells', () => {
  let [zsh, fish] = ['', ''];
  beforeAll(async () => {
    const printed = async (shell: string) => (await run(process.execPath, [program, 'completion', shell])).stdout;
    [zsh, fish] = await Promise.all([printed('zsh'), printed('fish')]);
  });

  it('names every command, its options and what they take', () => {
    expect(zsh).toMatch(/^#compdef sluice\n/);
    expect(zsh).toContain("'explain:What a change");
    expect(zsh).toMatch(/'--update-mode:auto, image/);
    expect(fish).toContain("complete -c sluice -n '__fish_seen_subcommand_from up' -l update-mode -x -a 'auto image");
    expect(fish).toContain("-n '__fish_seen_subcommand_from trigger' -a '(sluice completion resources");
    expect(fish).toMatch(/__fish_use_subcommand -a doctor /);
  });

  it('leaves no quote open', () => {
    for (const line of [...zsh.split('\n'), ...fish.split('\n')].filter((line) => !line.startsWith('#')))
      expect(line.replaceAll("'\\''", '').replaceAll("\\'", '').split("'").length % 2, line).toBe(1);
  });
});

it('refuses a shell it does not know', async () => {
  const { code, stderr } = await sluice(tempProject(), ['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh or fish');
});
