// `explain PATH`: which rule of which line a change hits, by the rules that sessions follow.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/commands/explain/explain.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const files = {
  'sluice.yaml': `images:
  shop/base: {context: ./base}
  shop/web:
    context: ./web
    ignore: ["*.md"]
    live:
      - fallback: [web/package-lock.json]
      - sync: {from: ./web/src, to: /app/src}
      - sync: {from: ./web/package.json, to: /app/package.json}
      - run: {cmd: npm install, when: [web/package.json]}
      - restart: process
  shop/worker: {context: ./worker, only: [src/]}
kubernetes: {manifests: [k8s.yaml]}
local:
  gen: {cmd: make gen, deps: [proto/], ignore: ["**/*.tmp"]}
resources:
  web: {needs: [{name: gen, update: restart}]}
  worker: {needs: [gen], trigger: manual}
settings: {ignore: ["**/*.log"]}
`,
  'k8s.yaml': ['web', 'worker']
    .map(
      (name) =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: shop/${name}}]}\n`,
    )
    .join('---\n'),
  'base/Dockerfile': 'FROM scratch\n',
  'base/lib.js': '',
  'web/Dockerfile': 'FROM scratch\n',
  'web/.dockerignore': '# comment\nsecret\n!secret/public\n',
  'web/src/server.js': '',
  'web/package.json': '{}',
  'web/package-lock.json': '{}',
  'worker/Dockerfile': 'FROM shop/base\n',
  'worker/src/main.js': '',
  'worker/notes.txt': '',
  'proto/a.proto': '',
};

async function explained(dir: string, path: string): Promise<Explanation> {
  const { code, stdout, stderr } = await sluice(dir, ['explain', path, '--json'], {
    env: { DOCKER_HOST: 'unix:///nowhere', KUBECONFIG: '/nowhere' },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Explanation;
}

describe('explain', () => {
  it('names the live rule and the steps, each with its line', async () => {
    const [effect, ...others] = (await explained(tempProject(files), 'web/package.json')).effects;
    expect(others).toEqual([]);
    expect(effect).toMatchObject({ resource: 'web', how: 'live', at: { line: 9 } });
    expect(effect?.steps.map(({ does, what, at }) => [does, what, at?.line])).toEqual([
      ['copy', '/app/package.json', 9],
      ['run', 'npm install', 10],
      ['restart', 'process', 11],
    ]);
  });

  it('explains a path that does not exist as one that was deleted', async () => {
    const { exists, effects } = await explained(tempProject(files), 'web/src/gone.js');
    expect(exists).toBe(false);
    expect(effects[0]?.steps.map(({ does, what }) => `${does} ${what}`)).toEqual([
      'delete /app/src/gone.js',
      'restart process',
    ]);
  });

  it('says why it is a new image: the fallback rule, or that no rule covers it', async () => {
    const dir = tempProject(files);
    const lock = (await explained(dir, 'web/package-lock.json')).effects[0];
    expect(lock).toMatchObject({ how: 'exchange', at: { line: 7 }, because: expect.stringContaining('sluice.yaml:7') });
    const dockerfile = await explained(dir, 'web/Dockerfile');
    expect(dockerfile.effects[0]).toMatchObject({
      how: 'build',
      because: expect.stringContaining('is built by web/Dockerfile'),
    });
    // Which images it is built from may have changed too.
    expect(dockerfile.reloads).toBe(true);
  });

  it('says what needs no builder: what the last COPYs alone bring into an image that is pushed', async () => {
    const project = (delivery = '') => ({
      ...files,
      'sluice.yaml': `images:\n  shop/web: {context: ./web}\nkubernetes: {manifests: [k8s.yaml]${delivery}}\n`,
      'web/Dockerfile': 'FROM base\nCOPY package.json /app/\nRUN npm ci\nCOPY src /app/src\n',
    });
    const dir = tempProject(project());
    const [effect] = (await explained(dir, 'web/src/server.js')).effects;
    expect(effect).toMatchObject({
      how: 'exchange',
      steps: [{ does: 'exchange', what: 'shop/web' }, { does: 'apply' }],
    });
    const { stdout } = await sluice(dir, ['explain', 'web/src/server.js']);
    expect(stdout).toMatch(/^ {2}web: new image without a builder, /m);
    expect(stdout).toMatch(
      /^ {4}exchange in the last shop\/web, or build it where that is in no registry +sluice\.yaml:2/m,
    );
    for (const path of ['web/package.json', 'web/Dockerfile'])
      expect((await explained(dir, path)).effects[0]?.steps[0]).toMatchObject({ does: 'build' });
    const shared = tempProject(project(', delivery: shared'));
    expect((await explained(shared, 'web/src/server.js')).effects[0]?.steps[0]).toMatchObject({ does: 'build' });
  });

  it('builds what is built from the image, too, and says what waits to be asked', async () => {
    const [effect] = (await explained(tempProject(files), 'base/lib.js')).effects;
    expect(effect).toMatchObject({ resource: 'worker', how: 'build', waits: true });
    expect(effect?.steps.map(({ does, what }) => `${does} ${what}`)).toEqual([
      'build shop/base',
      'build shop/worker',
      'apply worker',
    ]);
  });

  it('says what of several is done once, and whose update another waits for', async () => {
    const dir = tempProject({
      'compose.yaml': [
        'services:',
        '  web: {image: web, build: .}',
        '  job: {image: web, depends_on: [web]}',
        '  tool: {image: tool, build: {context: ., dockerfile_inline: FROM web}, depends_on: {web: {condition: service_healthy, restart: true}}}',
        '',
      ].join('\n'),
      Dockerfile: 'FROM scratch\n',
      'a.txt': '',
    });
    const { effects } = await explained(dir, 'a.txt');
    expect(effects.map(({ resource, after, steps }) => [resource, after, steps.map(({ once }) => once)])).toEqual([
      ['web', [], [['job', 'tool'], undefined]],
      ['job', [], [['web', 'tool'], undefined]],
      ['tool', ['web'], [['web', 'job'], undefined, undefined]],
    ]);
    const { stdout } = await sluice(dir, ['explain', 'a.txt']);
    expect(stdout).toMatch(/^ {4}build web \(once, with job, tool\) +compose\.yaml:2/m);
    expect(stdout).toContain('    waits for what this does to web\n');
  });

  it('tells which local command runs, and who follows it', async () => {
    const [effect] = (await explained(tempProject(files), 'proto/a.proto')).effects;
    expect(effect).toMatchObject({
      resource: 'gen',
      how: 'run',
      steps: [{ does: 'run', what: 'make gen' }],
      followers: [{ resource: 'web', update: 'restart' }],
    });
  });

  it.each([
    ['web/README.md', 'shop/web', '*.md', 'sluice.yaml', 5],
    ['web/secret/key', 'shop/web', 'secret', 'web/.dockerignore', 2],
    ['web/src/debug.log', 'shop/web', '**/*.log', 'sluice.yaml', 19],
    ['worker/notes.txt', 'shop/worker', '**', 'sluice.yaml', 12],
    ['proto/a.tmp', 'gen', '**/*.tmp', 'sluice.yaml', 15],
  ])('finds the pattern that leaves %s out, and its line', async (path, from, pattern, file, line) => {
    const dir = tempProject(files);
    const { effects, ignored } = await explained(dir, path);
    expect(effects).toEqual([]);
    expect(ignored).toMatchObject([{ from, pattern, at: { file: join(dir, file), line } }]);
  });

  it('takes a `!` pattern back in, and never watches what editors and git write', async () => {
    const dir = tempProject(files);
    expect((await explained(dir, 'web/secret/public')).ignored).toEqual([]);
    for (const path of ['web/src/.server.js.swp', 'web/.git/HEAD'])
      expect(await explained(dir, path)).toMatchObject({ effects: [], ignored: [{ from: 'shop/web', pattern: null }] });
  });

  it('says in words that a path lies outside of everything', async () => {
    const dir = tempProject(files);
    expect((await sluice(dir, ['explain', '/etc/passwd'])).stdout).toContain('outside of everything');
    expect((await sluice(dir, ['explain', 'sluice.yaml'])).stdout).toContain('loaded again');
    const { stdout } = await sluice(join(dir, 'web'), ['explain', 'src/server.js']);
    expect(stdout).toMatch(/^src\/server\.js\n {2}web: updated in place, .*sluice\.yaml:8/);
  });

  it('refuses a broken configuration with its place', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local: {a: {cmb: x}}\n' });
    const { code, stdout, stderr } = await sluice(dir, ['explain', 'x', '--json']);
    expect(code).toBe(2);
    expect(stderr).toContain('sluice.yaml:1:');
    expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'S102' }] });
  });

  it('names the resources whose objects stand in a manifest', async () => {
    const dir = tempProject(files);
    expect(await explained(dir, 'k8s.yaml')).toMatchObject({ reloads: true, defines: ['web', 'worker'] });
    expect((await explained(dir, 'sluice.yaml')).defines).toEqual([]);
    const { stdout } = await sluice(dir, ['explain', 'k8s.yaml'], { env: { KUBECONFIG: '/nowhere' } });
    expect(stdout).toContain('web, worker: applied anew');
  });
});
