// Images of what waits for its needs are built meanwhile, and deployed once these are there.

import { describe, expect, it } from 'vitest';
import { publicStates } from '../../../src/engine/public.ts';
import { verdictOf } from '../../../src/engine/verdict.ts';
import type { KubeWork } from '../../../src/model/run.ts';
import {
  config,
  container,
  image,
  kube,
  local,
  need,
  pod,
  pods,
  sync,
  unavailable,
  type World,
  world,
} from '../world.ts';

const db = local('db');
const web = (...needs: readonly ReturnType<typeof need>[]) =>
  kube('web', { needs: needs.length > 0 ? needs : [need('db')] });
const shown = publicStates(() => []);
const wanted = (it: World, name: string) => shown(it.state).resources[name]?.update;
const up = (it: World, name: string, template = 't1') =>
  it.put({ type: 'pod/seen', pod: pod(name, { uid: `${name}-${template}`, template }) });

describe('the first start', () => {
  it('builds while what it needs starts, waits with the image, and deploys that very one', () => {
    const it = world(config([db, web()]));
    expect([it.running, it.half('web')]).toEqual([['db', 'web'], 'build']);
    expect(it.work('web').why).toEqual(['first start', 'while it waits for db']);
    it.succeeds('web', {}, 5_000);
    expect(it.running).toEqual(['db']);
    expect(wanted(it, 'web')).toMatchObject({ status: 'held', hold: { reason: 'needs', on: ['db'], built: true } });
    expect([it.state.isIdle, it.of('web').update.hasSucceeded, verdictOf(it.state, 3)]).toEqual([false, false, null]);
    it.succeeds('db');
    expect(it.half('web')).toBe('deploy');
    expect(it.work('web')).toMatchObject({ cause: 'first', why: ['first start'] });
    expect((it.work('web') as KubeWork).images[0]?.last).toMatchObject({ ref: 'web', change: 0 });
    up(it.succeeds('web'), 'web');
    expect([it.running, verdictOf(it.state, 3)?.ok]).toEqual([[], true]);
  });

  it('goes on with a build that is under way when what it needs is there', () => {
    const it = world(config([db, web()]))
      .started('web')
      .succeeds('db');
    expect(it.running).toEqual(['web']);
    it.succeeds('web');
    expect(it.half('web')).toBe('deploy');
  });

  it('a newer save replaces the build, and one after it has the image made again', () => {
    const it = world(config([db, web()]))
      .started('web')
      .save('image:web');
    expect(it.of('web').update.now.is).toBe('stopping');
    it.ended('web', { is: 'cancelled', by: 'newer change', images: [] });
    expect([it.half('web'), it.work('web').change, it.work('web').cause]).toEqual(['build', 1, 'first']);
    it.succeeds('web').save('image:web');
    expect([it.half('web'), it.work('web').change, it.work('web').why]).toEqual([
      'build',
      2,
      ['first start', 'web/a.js changed', 'while it waits for db'],
    ]);
    it.succeeds('web').succeeds('db');
    expect([it.half('web'), it.of('web').changes.live]).toEqual(['deploy', 0]);
    up(it.succeeds('web'), 'web');
    expect(it.of('web').changes.live).toBe(2);
  });

  it('a build that fails is a failure at once, and the next save the next try', () => {
    const it = world(config([db, web()])).fails('web');
    expect(verdictOf(it.state, 3)).toMatchObject({ ok: false, exitCode: 3 });
    it.succeeds('db');
    expect(it.running).toEqual([]);
    it.save('image:web');
    expect(it.half('web')).toBe(null);
  });

  it('a registry that is away is asked again, while it still waits', () => {
    const it = world(config([db, web()])).fails('web', unavailable);
    it.put({ type: 'clock/reached', due: it.state.wakeAt! });
    expect(it.half('web')).toBe('build');
  });

  it('another configuration has the image made again before it is deployed', () => {
    const it = world(config([db, web()])).succeeds('web');
    it.reload(config([db, { ...web(), digest: 'web-2' }]));
    expect(it.half('web')).toBe('build');
    it.succeeds('web').succeeds('db');
    expect(it.half('web')).toBe('deploy');
  });

  it('is called off by hand like any other, and taken up by a trigger', () => {
    const it = world(config([db, web()])).started('web');
    it.put({ type: 'user/asked', action: { do: 'cancel', resource: 'web' }, by: 'tui' });
    it.ended('web', { is: 'cancelled', by: 'stopped', images: [] });
    expect([it.running, wanted(it, 'web')?.status]).toEqual([['db'], 'cancelled']);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'web' }, by: 'tui' }).succeeds('web');
    it.put({ type: 'user/asked', action: { do: 'cancel', resource: 'web' }, by: 'tui' });
    expect([it.running, wanted(it, 'web')?.status, wanted(it, 'web')?.hold]).toEqual([['db'], 'cancelled', undefined]);
    it.save('image:web');
    expect(it.half('web')).toBe('build');
  });

  it.each([
    ['nobody has asked for what it needs', [local('db', { start: false }), web()]],
    ['nothing of it is built', [db, kube('web', { images: [], needs: [need('db')] })]],
  ])('waits for all where %s', (_, specs) => {
    expect(world(config(specs)).hold('web')).toBe('needs db');
  });

  it('takes no place that something else could have, and no more than there are', () => {
    const specs = [local('db'), kube('a', { needs: [need('db')] }), kube('b', { needs: [need('db')] }), kube('c')];
    const it = world(config(specs, [], 2));
    expect(it.running).toEqual(['db', 'c']);
    it.succeeds('c');
    expect([it.running, it.half('a')]).toEqual([['db', 'a'], 'build']);
    it.succeeds('a');
    expect([it.running, it.half('b')]).toEqual([['db', 'b'], 'build']);
  });

  it('an image of two is built once at a time, also ahead', () => {
    const specs = [db, ...['a', 'b'].map((name) => kube(name, { images: ['app'], needs: [need('db')] }))];
    const it = world(config(specs, [image('app')]));
    expect(it.running).toEqual(['db', 'a']);
    it.succeeds('a');
    expect(it.half('b')).toBe('build');
  });
});

describe('later', () => {
  const live = (needs: ReturnType<typeof need>) => config([kube('db'), kube('web', { needs: [needs] })]);
  const start = (needs: ReturnType<typeof need>, project = live(needs)) => {
    const it = world(project).succeeds('db');
    if (it.half('web') === 'build') it.succeeds('web');
    up(it, 'db').succeeds('web');
    return up(it, 'web');
  };
  const dbAnew = (it: World) =>
    it.succeeds('db', { deployed: { ...it.deploy('db').result!, templates: [pods('t2')] } });

  it('what waits for a fresh need is built meanwhile', () => {
    const it = start(need('db', 'wait-fresh')).save('image:db', 'image:web');
    expect([it.running, it.half('db'), it.half('web')]).toEqual([['db', 'web'], null, 'build']);
    it.succeeds('web');
    expect(wanted(it, 'web')?.hold).toEqual({ reason: 'needs', on: ['db'], built: true });
    dbAnew(it);
    expect(it.running).toEqual([]);
    up(it, 'db', 't2');
    expect(it.half('web')).toBe('deploy');
  });

  it('what only runs again because of a need has nothing to build meanwhile', () => {
    const it = dbAnew(start(need('db', 'rerun')).save('image:db'));
    expect([it.running, it.hold('web')]).toEqual([[], 'needs db']);
    up(it, 'db', 't2');
    expect(it.half('web')).toBe(null);
  });

  it('files that go into what runs are no image', () => {
    const project = config(
      [kube('db'), kube('web', { needs: [need('db', 'wait-fresh')] })],
      [image('web', { live: [sync] })],
    );
    const it = start(need('db', 'wait-fresh'), project);
    it.put({ type: 'pod/seen', pod: pod('web', { uid: 'web-t1', containers: [container('web')] }) });
    it.save('image:db', 'image:web');
    expect([it.running, it.hold('web')]).toEqual([['db'], 'needs db']);
  });
});
