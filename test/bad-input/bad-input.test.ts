// Mistakes as people make them, each with all that is said of it, beside it: what a reader of the message sees at two in the
// morning. `npx vitest run --project parts test/bad-input -u` writes them anew: read every one that changed.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Cli } from 'clipanion';
import { BehaviorSubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { readKubeconfig } from '../../src/adapters/kube/access/kubeconfig.ts';
import { commands, usageErrorOf } from '../../src/commands/commands.ts';
import { replay } from '../../src/commands/replay/replay.ts';
import { seed } from '../../src/engine/reduce.ts';
import { mistakesIn } from '../../src/model/dockerfile.ts';
import { isProblemError, type Problem } from '../../src/model/problems/problem.ts';
import { complaint } from '../../src/session/end/complaint.ts';
import { type Answering, answers } from '../../src/session/requests/answer.ts';
import { loaded } from '../config/project.ts';
import { tempProject, writeFiles } from '../support/temp.ts';

const here = import.meta.dirname;

/** The inputs of one folder: `NAME.ext`, or a directory NAME. */
const casesOf = (folder: string): string[] =>
  readdirSync(join(here, folder)).filter((name) => !name.endsWith('.expected'));

const expectedOf = (folder: string, name: string): string =>
  join(here, folder, `${extname(name) === '' ? name : basename(name, extname(name))}.expected`);

/** As it is printed; `dir` is where the reader is. */
const told = (problems: readonly Problem[], dir: string): string =>
  problems
    .map(({ at, ...rest }) => complaint(at ? { ...rest, at: { ...at, file: at.file.replace(`${dir}/`, '') } } : rest))
    .join('')
    .replaceAll(`${dir}/`, '')
    .replaceAll(dir, '.');

/** Nothing in it may be the business of a library, and nothing a trace. */
const foreign =
  /zod|YAML\.|parseAll|invalid_|expected string to|ENOENT|EISDIR|EACCES|\bundefined\b|: null\b|\[object|\bNaN\b|\n\s+at \S+ \(|node:/;

async function holds(text: string, folder: string, name: string): Promise<void> {
  expect(text).not.toMatch(foreign);
  for (const line of text.split('\n').filter((each) => each.startsWith('sluice: '))) expect(line).not.toBe('sluice: ');
  await expect(text).toMatchFileSnapshot(expectedOf(folder, name));
}

/** What is said of the project in `dir`. */
async function saidOf(dir: string, path = '/usr/bin:/bin'): Promise<string> {
  const before = process.env;
  // Commands run in the environment of the moment at which it is made: nothing of the machine's own, such as a KUBECONFIG.
  process.env = { PATH: path };
  try {
    const request = { file: join(dir, 'sluice.yaml'), env: { HOME: '/home/me', PORT: '3000' } };
    const found = await loaded(request);
    return 'problems' in found ? `${told(found.problems, dir)}exit 2\n` : 'nothing is said\n';
  } finally {
    process.env = before;
  }
}

const project = 'kubernetes: {manifests: [k.yaml]}\n';

describe('configurations', () => {
  it.each(casesOf('config'))('%s', async (name) => {
    const dir = tempProject({ 'sluice.yaml': readFileSync(join(here, 'config', name), 'utf8') });
    await holds(await saidOf(dir), 'config', name);
  });
});

describe('manifests', () => {
  it.each(casesOf('manifest'))('%s', async (name) => {
    const dir = tempProject({ 'sluice.yaml': project });
    cpSync(join(here, 'manifest', name), join(dir, 'k.yaml'));
    await holds(await saidOf(dir), 'manifest', name);
  });
});

describe('projects', () => {
  it.each(casesOf('project'))('%s', async (name) => {
    const dir = tempProject();
    cpSync(join(here, 'project', name), dir, { recursive: true });
    await holds(await saidOf(dir, `${dir}/bin:/usr/bin:/bin`), 'project', name);
  });
});

describe('env files', () => {
  it.each(casesOf('env'))('%s', async (name) => {
    const dir = tempProject({ 'sluice.yaml': 'local: {a: {cmd: "true"}}\nsettings: {env: [.env]}\n' });
    cpSync(join(here, 'env', name), join(dir, '.env'));
    await holds(await saidOf(dir), 'env', name);
  });
});

describe('Dockerfiles', () => {
  it.each(casesOf('dockerfile'))('%s', async (name) => {
    const text = readFileSync(join(here, 'dockerfile', name), 'utf8');
    const problems = mistakesIn(text, { target: name.startsWith('target') ? 'dve' : null }).map(
      ({ line, what, hint }): Problem => ({
        kind: 'yours',
        code: 'S211',
        what,
        hint,
        at: { file: 'Dockerfile', line, column: 1 },
      }),
    );
    await holds(problems.length > 0 ? told(problems, here) : 'nothing is said\n', 'dockerfile', name);
  });
});

describe('kubeconfigs', () => {
  it.each(casesOf('kubeconfig'))('%s', async (name) => {
    const dir = tempProject();
    cpSync(join(here, 'kubeconfig', name), join(dir, 'config'));
    const context = name.startsWith('asked') ? { context: 'kind-dve' } : {};
    const said = await problemsOf(() =>
      readKubeconfig({ env: { KUBECONFIG: join(dir, 'config') }, home: dir, ...context }),
    );
    await holds(told(said, dir) || 'nothing is said\n', 'kubeconfig', name);
  });
});

describe('recordings', () => {
  it.each(casesOf('recording'))('%s', async (name) => {
    const dir = tempProject();
    cpSync(join(here, 'recording', name), join(dir, 'rec.ndjson'));
    const said = await problemsOf(() =>
      replay({ file: join(dir, 'rec.ndjson'), speed: 0, until: Number.POSITIVE_INFINITY, view: 'none', env: {} }),
    );
    await holds(told(said, dir), 'recording', name);
  });
});

async function problemsOf(run: () => unknown): Promise<readonly Problem[]> {
  try {
    await run();
    return [];
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return [error.problem, ...error.others];
  }
}

const bomb = `a0: &a0 [${Array(9).fill('x')}]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]\n`).join('')}`;
const merges = `a0: &a0 {k: 1}\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}]}\n`).join('')}`;

/** What no repository holds well: bytes, sizes, kinds of files. */
const made: Readonly<Record<string, (dir: string) => void>> = {
  'utf-16-le': (dir) =>
    writeFileSync(join(dir, 'sluice.yaml'), Buffer.from('\uFEFFlocal:\n  a: {cmd: x}\n', 'utf16le')),
  'utf-16-be': (dir) =>
    writeFileSync(join(dir, 'sluice.yaml'), Buffer.from('\uFEFFlocal:\n  a: {cmd: x}\n', 'utf16le').swap16()),
  'utf-16-without-mark': (dir) => writeFileSync(join(dir, 'sluice.yaml'), Buffer.from('local:\n', 'utf16le')),
  latin1: (dir) => writeFileSync(join(dir, 'sluice.yaml'), Buffer.from('local:\n  a: {cmd: "x"} # für\n', 'latin1')),
  'nul-byte': (dir) => writeFiles(dir, { 'sluice.yaml': 'local:\n  a: {cmd: "x\0y"}\n' }),
  'control-character': (dir) => writeFiles(dir, { 'sluice.yaml': 'local:\n  a: {cmd: "x\x1b[31my"}\n' }),
  'a-binary': (dir) =>
    writeFileSync(join(dir, 'sluice.yaml'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0])),
  empty: (dir) => writeFiles(dir, { 'sluice.yaml': '' }),
  'a-directory': (dir) => mkdirSync(join(dir, 'sluice.yaml')),
  'a-pipe': (dir) => void execFileSync('mkfifo', [join(dir, 'sluice.yaml')]),
  'billion-laughs': (dir) => writeFiles(dir, { 'sluice.yaml': bomb }),
  'merge-bomb': (dir) => writeFiles(dir, { 'sluice.yaml': merges }),
  'deep-brackets': (dir) => writeFiles(dir, { 'sluice.yaml': `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n` }),
  'deep-braces': (dir) => writeFiles(dir, { 'sluice.yaml': `${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}\n` }),
  'deep-dashes': (dir) => writeFiles(dir, { 'sluice.yaml': `local:\n  ${'- '.repeat(10_000)}a\n` }),
  'deep-indents': (dir) =>
    writeFiles(dir, { 'sluice.yaml': Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n') }),
  'a-hundred-megabytes': (dir) => writeFileSync(join(dir, 'sluice.yaml'), Buffer.alloc(100 * 1024 * 1024, 'a: b\n')),
  'a-thousand-mistakes': (dir) =>
    writeFiles(dir, {
      'sluice.yaml': `local:\n  a: {cmd: x}\n${Array.from({ length: 1_000 }, (_, i) => `unknown${i}: 1\n`).join('')}`,
    }),
  'thirty-thousand-keys': (dir) =>
    writeFiles(dir, { 'sluice.yaml': `${Array.from({ length: 30_000 }, (_, i) => `k${i}: 1\n`).join('')}k5: 1\n` }),
  'a-long-line': (dir) =>
    writeFiles(dir, {
      'sluice.yaml': `local: {${Array.from({ length: 300 }, (_, i) => `a${i}: {cmd: x}`).join(', ')}, b: {cmdd: x, cmd: y}}\n`,
    }),
  'manifest-utf-16': (dir) => {
    writeFiles(dir, { 'sluice.yaml': project });
    writeFileSync(join(dir, 'k.yaml'), Buffer.from('\uFEFFapiVersion: v1\n', 'utf16le'));
  },
  'manifest-latin1': (dir) => {
    writeFiles(dir, { 'sluice.yaml': project });
    writeFileSync(
      join(dir, 'k.yaml'),
      Buffer.from('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "für"}\n', 'latin1'),
    );
  },
  'manifest-pipe': (dir) => {
    writeFiles(dir, { 'sluice.yaml': project });
    execFileSync('mkfifo', [join(dir, 'k.yaml')]);
  },
  'manifest-bomb': (dir) => writeFiles(dir, { 'sluice.yaml': project, 'k.yaml': `kind: List\n${bomb}` }),
  'manifest-deep': (dir) => writeFiles(dir, { 'sluice.yaml': project, 'k.yaml': `kind: ${'['.repeat(10_000)}` }),
  'manifest-hundred-megabytes': (dir) => {
    writeFiles(dir, { 'sluice.yaml': project });
    writeFileSync(join(dir, 'k.yaml'), Buffer.alloc(100 * 1024 * 1024, 'a: b\n'));
  },
  'env-utf-16': (dir) => {
    writeFiles(dir, { 'sluice.yaml': 'local: {a: {cmd: x}}\nsettings: {env: [.env]}\n' });
    writeFileSync(join(dir, '.env'), Buffer.from('\uFEFFA=1\n', 'utf16le'));
  },
  'env-directory': (dir) =>
    writeFiles(dir, { 'sluice.yaml': 'local: {a: {cmd: x}}\nsettings: {env: [.env]}\n', '.env/x': '' }),
};

describe('requests', () => {
  it.each(casesOf('request'))('%s', async (name) => {
    const session: Answering = {
      state$: new BehaviorSubject({ ...seed, config: { ...seed.config, loaded: seed.config.wanted } }),
      shown: () => ({}) as never,
      logs: { tail: () => ({ lines: [] }), scrub: (text: string) => text } as never,
      kube: () => Promise.reject(new Error('no cluster')),
      docker: () => Promise.reject(new Error('no Docker')),
      files: { flush: async () => {} },
      put: () => {},
      by: 'socket',
      gone: new AbortController().signal,
    };
    const said: Problem[] = [];
    for await (const answer of answers(readFileSync(join(here, 'request', name), 'utf8').trimEnd(), session))
      if (!answer.ok) said.push(answer.problem);
    await holds(told(said, here) || 'nothing is said\n', 'request', name);
  });
});

describe('command lines', () => {
  it.each(casesOf('command'))('%s', async (name) => {
    const args = readFileSync(join(here, 'command', name), 'utf8')
      .split('\n')
      .slice(0, -1);
    const cli = new Cli({ binaryLabel: 'sluice', binaryName: 'sluice', binaryVersion: '1' });
    for (const command of commands) cli.register(command);
    const said = await Promise.resolve()
      .then(() => cli.process(args, Cli.defaultContext).execute())
      .then(
        () => 'nothing is said\n',
        (error) => usageErrorOf(cli, error, args),
      );
    await holds(`${said}exit 2\n`, 'command', name);
  });
});

/** kB. On Linux the peak is that of the case alone (proc(5), clear_refs); elsewhere what ran before may hide it. */
function peakFromHere(): number {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
  return process.resourceUsage().maxRSS;
}

describe('files that are none', () => {
  it.each(Object.entries(made))('%s', async (name, make) => {
    const dir = tempProject();
    make(dir);
    const [cpu, peak] = [process.cpuUsage(), peakFromHere()];
    const said = await saidOf(dir);
    const { user, system } = process.cpuUsage(cpu);
    const grown = process.resourceUsage().maxRSS - peak;
    await holds(said, 'made', name);
    // What it costs, in µs of this process and kB, and not how long it took beside others: a bomb costs minutes and gigabytes.
    expect(user + system).toBeLessThan(2_000_000);
    expect(grown).toBeLessThan(256 * 1024);
  });
});
