// What contributors' tools are told is so: scripts and files that workflows, tasks and documents name are there.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { tempProject } from '../support/temp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Record<string, { readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number }>;
}

/** Scripts of npm and files of the project that a command line names. */
function named(command: string): { readonly missing: readonly string[] } {
  const npm = [...command.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name as string);
  const files = [...command.matchAll(/(?<![\w/.-])((?:\.ci|test|bin|src|docs|schema|\.githooks)\/[\w./-]*\w)/g)].map(
    ([, path]) => path as string,
  );
  return {
    missing: [
      ...npm.filter((name) => !Object.hasOwn(scripts, name)),
      ...files.filter((path) => !existsSync(join(root, path))),
    ],
  };
}

describe('workflows', () => {
  const files = readdirSync(join(root, '.github/workflows'));
  it.each(files)('%s reads, asks for no more than it needs, and runs what is there', (file) => {
    const text = read(`.github/workflows/${file}`);
    expect(parseDocument(text).errors).toEqual([]);
    const workflow = parse(text) as Workflow;
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(workflow.jobs)) {
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
      for (const { run, uses } of job.steps) {
        if (run) expect(named(run).missing, run).toEqual([]);
        if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
      }
    }
  });
});

it('a release says which repository it comes from: the one that its workflow runs in', () => {
  const { jobs } = parse(read('.github/workflows/release.yml')) as Workflow;
  const steps = jobs.publish?.steps ?? [];
  const at = steps.findIndex(({ name }) => name === 'Where it comes from');
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThan(steps.findIndex(({ run }) => run?.startsWith('npm publish')));
  const dir = tempProject({ 'package.json': read('package.json') });
  const env = { ...process.env, GITHUB_SERVER_URL: 'https://git.example', GITHUB_REPOSITORY: 'some-one/sluice.fork' };
  execFileSync('bash', ['-e', '-c', steps[at]?.run ?? ''], { cwd: dir, env });
  const page = 'https://git.example/some-one/sluice.fork';
  expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toEqual({
    ...JSON.parse(read('package.json')),
    repository: { type: 'git', url: `git+${page}.git` },
    bugs: { url: `${page}/issues` },
    homepage: `${page}#readme`,
  });
});

it('editors are told of scripts and programs that are there', () => {
  for (const file of ['tasks.json', 'launch.json', 'settings.json', 'extensions.json']) {
    const text = read(`.vscode/${file}`).replaceAll('${workspaceFolder}/', '');
    JSON.parse(text);
    expect(named(text).missing, file).toEqual([]);
  }
  const { tasks } = JSON.parse(read('.vscode/tasks.json')) as { tasks: { script?: string }[] };
  for (const { script } of tasks) if (script) expect(scripts).toHaveProperty([script]);
  JSON.parse(read('.devcontainer/devcontainer.json'));
});

it.each(['CONTRIBUTING.md', 'README.md', 'ARCHITECTURE.md', '.githooks/pre-commit'])(
  '%s names what is there',
  (file) => {
    const code = [...read(file).matchAll(/`([^`\n]+)`|^ {4}((?:npm|npx|node|\.ci|test)\b.*)$/gm)].map(
      ([, inline, block]) => inline ?? block ?? '',
    );
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path as string);
    expect(code.flatMap((each) => named(each).missing)).toEqual([]);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  },
);
