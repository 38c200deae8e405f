// Several resources and one image: what one does with it takes nothing from how another is updated.

import { describe, expect, it } from 'vitest';
import { currentRun } from '../../../src/engine/resources/run.ts';
import { containersOf } from '../../../src/engine/runtime/containers.ts';
import type { KubeSpec } from '../../../src/model/config.ts';
import type { KubeWork } from '../../../src/model/run.ts';
import { liveWork } from '../../../src/update/live/claim.ts';
import { planLive } from '../../../src/update/live/steps.ts';
import {
  built,
  config,
  container,
  deployedOf,
  image,
  kube,
  object,
  pod,
  pods,
  sync,
  type World,
  world,
} from '../world.ts';

const rules = [{ ...sync, from: '/p/app', to: '/app' }];
const shared = image('app', { files: { roots: ['/p/app'], filters: [] }, live: rules });
const job: KubeSpec = kube('migrate', {
  images: ['app'],
  objects: [object('Job', 'migrate')],
  workload: { kind: 'Job', name: 'migrate', namespace: null, replicas: 1 },
  ready: 'job',
});
const running = (name: string, id: string, tag = '1') =>
  pod(name, { uid: `${name}-${id}`, containers: [container(name, { id, image: `app:sluice-${tag}` })] });
const kubeWork = (it: World, name: string): KubeWork => it.work(name) as KubeWork;

/** Of another workload that takes no files in place: a Job that is done, or a Deployment. */
const elsewhereUp = (name: string, tag: string) => {
  const phase = name === 'migrate' ? 'Succeeded' : 'Running';
  const up = pod(name, { uid: `${name}-1`, template: `t${tag}`, phase, containers: [] });
  return { type: 'pod/seen' as const, pod: up };
};

/** `name` builds the image anew with all that changed, and deploys it. */
const builds = (it: World, name: string, tag: string) => {
  it.succeeds(name, {
    images: [built('app', it.work(name).change, tag)],
    deployed: deployedOf(it.of(name).spec as KubeSpec, {
      templates: [pods(`t${tag}`)],
      images: { app: `app:sluice-${tag}` },
    }),
  });
  return name === 'api' ? it : it.put(elsewhereUp(name, tag));
};
const inPlace = (it: World, name: string, id: string) => {
  const { run, change } = it.work(name);
  const started = currentRun(it.of(name))?.id === run ? it : it.started(name);
  return started.ended(name, {
    is: 'ok',
    result: { strategy: 'synclet', images: [], deployed: null, ledgers: { [id]: change }, unchanged: false },
  });
};

describe.each([
  ['a Job first', [job, kube('api', { images: ['app'] })]],
  ['a Job last', [kube('api', { images: ['app'] }), job]],
  ['a second Deployment', [kube('other', { images: ['app'] }), kube('api', { images: ['app'] })]],
])('an image of two resources, %s', (_, specs) => {
  const other = specs.find(({ name }) => name !== 'api')!.name;
  const start = () => {
    const it = world(config(specs, [shared]));
    for (const { name } of specs) it.succeeds(name, { images: [built('app', 0)] });
    return it.put({ type: 'pod/seen', pod: running('api', 'a') }, elsewhereUp(other, '1'));
  };

  it('is updated in place in one, save after save, while the other builds it', () => {
    const it = start();
    for (const tag of ['2', '3', '4']) {
      it.save('image:app');
      it.started('api').put({
        type: 'run/strategy',
        resource: 'api',
        run: currentRun(it.of('api'))!.id,
        strategy: 'synclet',
        why: null,
      });
      expect([...it.running].sort()).toEqual(['api', other].sort());
      expect(liveWork(kubeWork(it, 'api'))).toMatchObject({ is: 'possible' });
      // In either order.
      if (tag === '3') builds(it, other, tag);
      inPlace(it, 'api', 'a');
      if (tag !== '3') builds(it, other, tag);
      expect(it.of('api').changes.live).toBe(it.state.changes.seen);
    }
  });

  it('gets all that its own image lacks into a container that is started again', () => {
    const it = start().save('image:app');
    inPlace(it, 'api', 'a');
    builds(it, other, '2');
    it.put({
      type: 'pod/seen',
      pod: pod('api', {
        uid: 'api-a',
        containers: [container('api', { id: 'b', image: 'app:sluice-1', restarts: 1 })],
      }),
    });
    expect(it.of('api').changes.live).toBe(0);
    const work = kubeWork(it, 'api');
    expect(planLive(work, work.images[0]!, work.containers[0]!)).toMatchObject({ copies: [{ source: '/p/app/a.js' }] });
  });

  it('forgets the files once all have deployed an image that holds them', () => {
    const it = start().save('image:app');
    inPlace(it, 'api', 'a');
    builds(it, other, '2');
    expect(Object.keys(it.state.images.app!.files)).toEqual(['/p/app/a.js']);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'api' }, by: 'tui' });
    builds(it, 'api', '2');
    expect(it.state.images.app!.files).toEqual({});
  });
});

it('a base that was built for one resource is still lacking in the image of another that is built from it', () => {
  const base = image('base', { files: { roots: ['/p/base'], filters: [] } });
  const middle = image('middle', { files: { roots: ['/p/middle'], filters: [] }, bases: ['base'] });
  const top = image('top', {
    files: { roots: ['/p/top'], filters: [] },
    bases: ['middle'],
    live: [{ ...sync, from: '/p/base', to: '/base' }],
  });
  const web = kube('web', { images: ['base', 'middle', 'top'] });
  const it = world(config([kube('low', { images: ['base'] }), web], [base, middle, top]))
    .succeeds('low')
    .succeeds('web');
  it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { image: 'top:sluice-1' })] }) });
  it.save('image:base').succeeds('low');
  const work = kubeWork(it, 'web');
  expect(liveWork(work)).toMatchObject({ is: 'possible', plans: [{ plan: { copies: [{ target: '/base/a.js' }] } }] });
});

describe('containers that hold an image', () => {
  const elsewhere = (key: string, running: string) => {
    const spec = kube('web', { images: [key] });
    const it = world(config([spec], [image(key, { build: { is: 'elsewhere' }, live: rules })]));
    it.succeeds('web', { images: [], deployed: deployedOf(spec, { images: {} }) });
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { image: running })] }) });
    return containersOf(it.state, 'web', it.of('web')).length;
  };
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([
    ['nginx', 'nginx:1.27', 1],
    ['nginx', `docker.io/library/nginx:1.27@${digest}`, 1],
    ['nginx', `nginx@${digest}`, 1],
    ['nginx', 'nginx', 1],
    ['nginx:1.27', 'nginx:1.27', 1],
    ['nginx:1.27', 'nginx:1.28', 0],
    ['nginx:1.27', `nginx:1.27@${digest}`, 1],
    ['nginx:latest', 'nginx', 1],
    [`nginx@${digest}`, `nginx:1.27@${digest}`, 1],
    [`nginx@${digest}`, 'nginx:1.27', 0],
    ['localhost:5000/s1', 'localhost:5000/s1:1', 1],
    ['nginx', 'other/nginx:1', 0],
  ])('%s built elsewhere means %s: %i', (key, running, count) => {
    expect(elsewhere(key, running)).toBe(count);
  });

  it('are main ones and sidecars, of pods that have not ended', () => {
    const it = world(config([kube('web')], [image('web', { live: rules })])).succeeds('web');
    const all = [
      container('web', {
        name: 'init',
        id: 'i',
        type: 'init',
        lasting: false,
        state: 'terminated',
        reason: 'Completed',
      }),
      container('web', { name: 'side', id: 's', type: 'init' }),
      container('web', { name: 'a', id: 'a' }),
      container('web', { name: 'b', id: 'b' }),
      container('web', { name: 'debug', id: 'd', type: 'ephemeral', lasting: false }),
    ];
    it.put({ type: 'pod/seen', pod: pod('web', { containers: all }) });
    it.put({
      type: 'pod/seen',
      pod: pod('web', { uid: 'evicted', phase: 'Failed', containers: [container('web', { state: 'terminated' })] }),
    });
    expect(containersOf(it.state, 'web', it.of('web')).map(({ name }) => name)).toEqual(['side', 'a', 'b']);
  });
});

describe('an image built elsewhere', () => {
  const fallback = { is: 'fallback' as const, paths: ['/p/special.txt'], at: sync.at };
  const files = { roots: ['/p/app', '/p/special.txt'], filters: [] };
  const web = image('nginx', { build: { is: 'elsewhere' }, files, live: [fallback, ...rules] });
  const specs = [kube('one', { images: ['nginx'] }), kube('two', { images: ['nginx'] })];
  const deploys = (it: World, name: string, unchanged: boolean) =>
    it.succeeds(name, { images: [], deployed: deployedOf(it.of(name).spec as KubeSpec, { images: {} }), unchanged });
  const seen = (it: World, name: string, id: string) =>
    it.put({ type: 'pod/seen', pod: pod(name, { uid: id, containers: [container(name, { id, image: 'nginx:1' })] }) });
  const saves = (it: World, ...paths: readonly string[]) =>
    it.put({
      type: 'files/changed',
      changes: paths.map((path) => ({ path, kind: 'changed', targets: ['image:nginx'] })),
    });
  /** The pods are deleted and come anew. */
  const restarts = (it: World, name: string, old: string, fresh: string) => {
    expect(it.deploy(name).restarting).toBe(true);
    it.put({ type: 'restart/ended', resource: name, pods: [old], problem: null }, { type: 'pod/gone', uid: old });
    return seen(it, name, fresh);
  };
  const copied = (it: World, name: string) => {
    const live = liveWork(kubeWork(it, name));
    return live.is === 'possible' ? live.plans.flatMap(({ plan }) => plan.copies.map(({ source }) => source)) : live;
  };

  it.each([
    ['alone', ['/p/special.txt'], []],
    ['with a file that is synced', ['/p/special.txt', '/p/app/b'], ['/p/app/b']],
  ])('that must not be updated in place gets fresh pods and goes on, again and again, %s', (_, paths, also) => {
    const it = world(config(specs, [web]));
    for (const { name } of specs) seen(deploys(it, name, false), name, `${name}-0`);
    for (const round of [1, 2]) {
      saves(it, '/p/app/a');
      for (const { name } of specs) {
        expect(copied(it, name)).toEqual(['/p/app/a']);
        inPlace(it, name, `${name}-${round - 1}`);
      }
      saves(it, ...paths);
      for (const { name } of specs) {
        expect(liveWork(kubeWork(it, name))).toMatchObject({ is: 'impossible' });
        deploys(it, name, true);
        restarts(it, name, `${name}-${round - 1}`, `${name}-${round}`);
        expect(copied(it, name)).toEqual(expect.arrayContaining(['/p/app/a', ...also]));
        inPlace(it, name, `${name}-${round}`);
        expect(it.of(name).changes.live).toBe(it.state.changes.seen);
      }
      expect(it.running).toEqual([]);
    }
  });

  it('gets a fresh pod for it also before anything was put into one', () => {
    const it = world(config([specs[0]!], [web]));
    seen(deploys(it, 'one', false), 'one', 'o');
    saves(it, '/p/special.txt');
    deploys(it, 'one', true);
    restarts(it, 'one', 'o', 'p');
    inPlace(it, 'one', 'p');
    expect([it.running, it.of('one').changes.live]).toEqual([[], 1]);
  });
});

it('files of a base go by its own rules into containers of an image that is built from it and says nothing of them', () => {
  const rule = { ...sync, from: '/p/base', to: '/base' };
  const base = image('base', { files: { roots: ['/p/base'], filters: [] }, live: [rule] });
  const top = image('top', {
    files: { roots: ['/p/top'], filters: [] },
    bases: ['base'],
    live: [{ ...rule, of: 'base' }],
  });
  const it = world(config([kube('web', { images: ['base', 'top'] })], [base, top])).succeeds('web');
  it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { image: 'top:sluice-1' })] }) });
  it.save('image:base');
  expect(liveWork(kubeWork(it, 'web'))).toMatchObject({
    is: 'possible',
    plans: [{ plan: { copies: [{ target: '/base/a.js' }] } }],
  });
});
