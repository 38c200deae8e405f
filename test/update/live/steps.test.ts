import { describe, expect, it } from 'vitest';
import type { LiveRule } from '../../../src/model/config.ts';
import { matcher } from '../../../src/model/fileset.ts';
import type { FileChange } from '../../../src/model/run.ts';
import { liveWork } from '../../../src/update/live/claim.ts';
import { type LivePlan, planLive } from '../../../src/update/live/steps.ts';
import { dockerfileBuild } from '../../support/docker/dockerfile-build.ts';
import { builtImage, change, containerTarget, imageWork, kubeWork, rule } from './work.ts';

const planned = (rules: readonly LiveRule[], files: readonly FileChange[], ledger = 1) => {
  const image = imageWork(rules, files);
  return planLive(kubeWork([image]), image, { ledger, isNew: false });
};
const taken = (...args: Parameters<typeof planned>): LivePlan => {
  const plan = planned(...args);
  if (!plan.take) throw new Error(plan.because);
  return plan;
};

describe('the plan of an update in place', () => {
  it.each([
    ['a file below a directory', '/p/src', '/app/src', '/p/src/a/b.js', '/app/src/a/b.js'],
    ['slashes at the ends', '/p/src', '/app//src/', '/p/src/b.js', '/app/src/b.js'],
    ['a single file to a path', '/p/one.txt', '/app/two.txt', '/p/one.txt', '/app/two.txt'],
    ['a single file into a directory', '/p/one.txt', '/app/', '/p/one.txt', '/app/one.txt'],
    ['the root of the container', '/p/src', '/', '/p/src/etc/x', '/etc/x'],
    ['brackets in names', '/p/app/[id]', '/app/[id]', '/p/app/[id]/page.tsx', '/app/[id]/page.tsx'],
  ])('maps %s', (_, from, to, path, target) => {
    expect(taken([rule.sync(from, to)], [change(path)]).copies).toMatchObject([{ source: path, target }]);
  });

  it('lets the first matching rule win', () => {
    const rules = [rule.sync('/p/src/special', '/special'), rule.sync('/p/src', '/app')];
    expect(taken(rules, [change('/p/src/special/x'), change('/p/src/y')]).copies.map(({ target }) => target)).toEqual([
      '/special/x',
      '/app/y',
    ]);
  });

  it('does not take a neighbour whose name begins alike', () => {
    expect(planned([rule.sync('/p/src', '/app')], [change('/p/src2/x')])).toMatchObject({
      take: false,
      because: 'no sync rule of web covers src2/x',
      show: 'user',
    });
  });

  it.each(['/p/Dockerfile', '/p/.dockerignore', '/p/Dockerfile.dockerignore'])(
    'builds for %s, whatever sync rule covers it, and puts what the context leaves out in no container',
    (path) => {
      const build = dockerfileBuild('/p', { recipe: [path], hidden: [path] });
      const image = imageWork([rule.sync('/p', '/app', true)], [change(path)], { build });
      const because = `web is built by ${path.slice('/p/'.length)}`;
      const container = { ledger: 1, isNew: true };
      expect(planLive(kubeWork([image]), image, container)).toMatchObject({ take: false, because, show: 'user' });
      const other = { ...image, files: [change('/p/a')] };
      const plan = planLive(kubeWork([other]), other, container);
      const sets = plan.take ? plan.copies.map(({ files }) => matcher(files)) : [];
      expect(sets.map(({ has }) => [has(path), has('/p/a')])).toEqual([
        [false, true],
        [false, true],
      ]);
    },
  );

  it('tells removed files from the others', () => {
    const plan = taken([rule.sync('/p/src', '/app')], [change('/p/src/a', 'removed'), change('/p/src/b', 'added')]);
    expect([plan.deletes.map(({ target }) => target), plan.copies.map(({ target }) => target)]).toEqual([
      ['/app/a'],
      ['/app/b'],
    ]);
  });

  it.each([
    ['/p/package-lock.json', '/p/package-lock.json'],
    ['/p/**/*.lock', '/p/deep/x.lock'],
    ['/p/conf', '/p/conf/any/file'],
  ])('falls back at %s for %s and says where', (pattern, path) => {
    const plan = planned([rule.fallback(pattern), rule.sync('/p', '/app')], [change('/p/ok'), change(path)]);
    expect(plan).toMatchObject({
      take: false,
      because: `${path.slice(3)} matches fallback at sluice.yaml:9`,
      show: 'user',
    });
  });

  it('runs steps without `when` always, the others when a file matches', () => {
    const rules = [rule.sync('/p', '/app'), rule.run('always'), rule.run('npm install', ['/p/package.json'])];
    expect(taken(rules, [change('/p/x')]).runs.map(({ cmd }) => cmd)).toEqual(['always']);
    expect(taken(rules, [change('/p/package.json')]).runs.map(({ cmd }) => cmd)).toEqual(['always', 'npm install']);
  });

  it('names the rules that apply, with their places', () => {
    const rules = [
      rule.fallback('/p/lock'),
      rule.sync('/p/a', '/a'),
      rule.sync('/p', '/app'),
      rule.run('npm install', ['/p/package.json']),
      rule.restart('process'),
    ].map((each, i) => ({ ...each, at: { ...each.at, line: i + 1 } }));
    expect(taken(rules, [change('/p/x')]).because).toBe('sync at sluice.yaml:3, restart at sluice.yaml:5');
    expect(taken(rules, [change('/p/a/x'), change('/p/package.json')]).because).toBe(
      'sync at sluice.yaml:2, sync at sluice.yaml:3, run at sluice.yaml:4, and 1 more',
    );
    expect(taken(rules, [change('/p/x', 'changed', 2)], 2).because).toBe('');
  });

  it('leaves out what the container has already, and then runs and restarts nothing', () => {
    const rules = [rule.sync('/p', '/app'), rule.run('always'), rule.restart('process')];
    expect(taken(rules, [change('/p/x', 'changed', 2)], 2)).toMatchObject({
      copies: [],
      runs: [],
      restart: null,
      isEmpty: true,
    });
    expect(taken(rules, [change('/p/x', 'changed', 3), change('/p/y', 'changed', 2)], 2)).toMatchObject({
      copies: [{ source: '/p/x' }],
      restart: 'process',
    });
  });

  it('skips files the image ignores', () => {
    const files = { roots: ['/p'], filters: [{ base: '/p', patterns: ['**/*.md'] }] };
    const image = imageWork([rule.sync('/p/src', '/app')], [change('/p/README.md'), change('/p/src/x')], { files });
    expect(planLive(kubeWork([image]), image, { ledger: 1, isNew: false })).toMatchObject({
      take: true,
      copies: [{ source: '/p/src/x' }],
    });
  });

  it('carries files of a base image, by the rules of the image that runs', () => {
    const base = imageWork([], [change('/b/lib.js')], { ref: 'base', files: { roots: ['/b'], filters: [] } });
    const image = imageWork([rule.sync('/b', '/lib')], [], { bases: ['base'] });
    expect(planLive(kubeWork([base, image]), image, { ledger: 1, isNew: false })).toMatchObject({
      copies: [{ source: '/b/lib.js', target: '/lib/lib.js' }],
    });
    expect(liveWork(kubeWork([base, image])).is).toBe('possible');
  });

  it('sends everything once where `initial` asks for it', () => {
    const image = imageWork([rule.sync('/p/site', '/html', true)], [], { build: { is: 'elsewhere' } }, null);
    expect(planLive(kubeWork([image]), image, { ledger: 0, isNew: true })).toMatchObject({
      copies: [{ source: '/p/site', target: '/html', isInitial: true }],
    });
    expect(planLive(kubeWork([image]), image, { ledger: 0, isNew: false })).toMatchObject({ isEmpty: true });
  });

  it.each(['app/src', '/app/../etc', './x'])('calls the target %s a mistake at its place', (to) => {
    expect(planned([rule.sync('/p', to)], [change('/p/x')])).toMatchObject({
      take: false,
      problem: { code: 'S701', at: { line: 1 } },
    });
  });
});

describe('work in place', () => {
  const rules = [rule.sync('/p', '/app')];
  const image = imageWork(rules, [change('/p/x')]);

  it('is possible when every container can take it', () => {
    expect(liveWork(kubeWork([image]))).toMatchObject({
      is: 'possible',
      plans: [{ container: { id: 'docker://c1' } }],
    });
  });

  it('gives each container what it lacks', () => {
    const containers = [containerTarget({ id: 'a', ledger: 2 }), containerTarget({ id: 'b', ledger: 1 })];
    expect(liveWork(kubeWork([image], containers))).toMatchObject({
      plans: [{ plan: { isEmpty: true } }, { plan: { isEmpty: false } }],
    });
  });

  it.each([
    ['no container runs yet', kubeWork([image], [])],
    [
      'web-1/web is not running (CrashLoopBackOff)',
      kubeWork([image], [containerTarget({ running: false, status: 'CrashLoopBackOff' })]),
    ],
    ['web is not built yet', kubeWork([imageWork(rules, [change('/p/x')], {}, null)])],
    ['containers disagree', kubeWork([image], undefined, { fullBuild: 'containers disagree' })],
    ['no file changed', kubeWork([imageWork(rules, [])], undefined, { cause: 'trigger' })],
    [
      'no container runs job',
      kubeWork([image, imageWork(rules, [change('/p/x')], { ref: 'job' }, builtImage({ ref: 'job' }))]),
    ],
  ])('is impossible because %s', (because, work) => {
    expect(liveWork(work)).toMatchObject({ is: 'impossible', because });
  });
});
