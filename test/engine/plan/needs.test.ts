import { describe, expect, it } from 'vitest';
import { cancelled, config, kube, local, need, pod, pods, type World, world } from '../world.ts';

const up = (it: World, name: string, template = 't1') =>
  it.put({ type: 'pod/seen', pod: pod(name, { uid: `${name}-${template}`, template }) });

describe('order', () => {
  it('gates the first run alone, and until what is needed was ready, not only built', () => {
    const it = world(config([kube('db'), local('web', { needs: [need('db')] })]));
    expect(it.hold('web')).toBe('needs db');
    it.succeeds('db');
    expect(it.hold('web')).toBe('needs db');
    up(it, 'db');
    it.succeeds('web').save('image:db', 'local:web');
    expect(it.running).toEqual(['db', 'web']);
  });

  it('waits again for what was ready and has fallen since', () => {
    const it = world(config([kube('db'), local('gate'), local('web', { needs: [need('db'), need('gate')] })]));
    up(it.succeeds('db'), 'db');
    it.put({ type: 'pod/gone', uid: 'db-t1' }).succeeds('gate');
    expect(it.hold('web')).toBe('needs db');
    up(it, 'db');
    expect(it.running).toEqual(['web']);
  });

  it('a need that has failed blocks what needs it, and that is idle', () => {
    const it = world(config([local('db'), local('web', { needs: [need('db')] })])).fails('db');
    expect(it.hold('web')).toBe('needs db');
    expect(it.state.isIdle).toBe(true);
    it.save('local:db').succeeds('db');
    expect(it.running).toEqual(['web']);
  });

  it('holds again after a resource was disabled and enabled', () => {
    const it = world(config([local('db'), local('web', { needs: [need('db')] })]))
      .succeeds('db')
      .succeeds('web');
    for (const resource of ['web', 'db'])
      it.put({ type: 'user/asked', action: { do: 'disable', resource }, by: 'tui' });
    for (const resource of ['web', 'db']) it.put({ type: 'user/asked', action: { do: 'enable', resource }, by: 'tui' });
    expect(it.running).toEqual(['db']);
    expect(it.hold('web')).toBe('needs db');
  });
});

describe('wait-fresh', () => {
  it('holds every run until what is needed has its own newest change live', () => {
    const it = world(config([kube('db'), local('test', { needs: [need('db', 'wait-fresh')] })])).succeeds('db');
    up(it, 'db').succeeds('test').save('image:db', 'local:test');
    expect(it.hold('test')).toBe('needs db');
    it.succeeds('db', { deployed: { ...it.deploy('db').result!, templates: [pods('t2')] } });
    expect(it.hold('test')).toBe('needs db');
    up(it, 'db', 't2');
    expect(it.running).toEqual(['test']);
  });
});

describe('rerun', () => {
  it('runs the dependent again, against the new version and not the old one', () => {
    const it = world(config([kube('api'), local('test', { needs: [need('api', 'rerun')] })])).succeeds('api');
    up(it, 'api').succeeds('test').save('image:api');
    it.succeeds('api', { deployed: { ...it.deploy('api').result!, templates: [pods('t2')] } });
    expect(it.hold('test')).toBe('needs api');
    up(it, 'api', 't2');
    expect(it.work('test')).toMatchObject({ cause: 'needs', why: ['api was updated'] });
  });

  it('tells nobody of a run that changed nothing', () => {
    const it = world(config([local('a'), local('b', { needs: [need('a', 'rerun')] })]))
      .succeeds('a')
      .succeeds('b');
    it.save('local:a').succeeds('a', { unchanged: true });
    expect(it.running).toEqual([]);
  });

  it('in a diamond runs the end once, after both sides', () => {
    const rerun = (name: string, ...needs: string[]) => local(name, { needs: needs.map((it) => need(it, 'rerun')) });
    const it = world(config([local('a'), rerun('b', 'a'), rerun('c', 'a'), rerun('d', 'a', 'b', 'c')]));
    it.succeeds('a').succeeds('b').succeeds('c').succeeds('d');
    it.save('local:a').succeeds('a');
    expect(it.running).toEqual(['b', 'c']);
    it.succeeds('b');
    expect(it.running).toEqual(['c']);
    it.succeeds('c').succeeds('d');
    expect(it.running).toEqual([]);
    expect(it.of('d').used.runs).toBe(2);
    expect(it.state.isIdle).toBe(true);
  });
});

describe('restart', () => {
  const server = (name: string, ...needs: string[]) =>
    local(name, { serve: 'run', needs: needs.map((it) => need(it, 'restart')) });

  it('starts a server again once what it needs is up again', () => {
    const it = world(config([kube('db'), server('web', 'db')])).succeeds('db');
    up(it, 'db').succeeds('web').serves('web');
    it.save('image:db').succeeds('db', { deployed: { ...it.deploy('db').result!, templates: [pods('t2')] } });
    expect(it.of('web').used.generations).toBe(1);
    up(it, 'db', 't2');
    expect(it.of('web').used.generations).toBe(2);
    expect(it.of('web').used.runs).toBe(1);
  });

  it('in a diamond starts the end again once', () => {
    const it = world(config([server('a'), server('b', 'a'), server('c', 'a'), server('d', 'b', 'c')]));
    for (const name of ['a', 'b', 'c', 'd']) it.succeeds(name).serves(name);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'b' }, by: 'tui' });
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'c' }, by: 'tui' });
    it.succeeds('b').succeeds('c');
    it.serves('b');
    expect(it.of('d').used.generations).toBe(1);
    it.serves('c');
    expect(it.of('d').used.generations).toBe(2);
  });

  it('makes the pods of a workload anew', () => {
    const it = world(config([local('gen'), kube('web', { images: [], needs: [need('gen', 'restart')] })])).succeeds(
      'gen',
    );
    up(it.succeeds('web'), 'web').save('local:gen').succeeds('gen');
    expect(it.deploy('web').restarting).toBe(true);
    it.put({ type: 'restart/ended', resource: 'web', pods: ['web-t1'], problem: null });
    expect(it.of('web')).toMatchObject({ deploy: { restarting: false }, runtime: { status: 'pending' } });
    expect(it.state.isIdle).toBe(false);
    it.put({ type: 'pod/gone', uid: 'web-t1' });
    up(it, 'web');
    expect(it.state.isIdle).toBe(true);
  });
});

describe('a hook of a release', () => {
  const before = { name: 'migrate', update: 'order' as const, hook: 'before' as const };
  const after = { name: 'web', update: 'order' as const, hook: 'after' as const };
  const parts = (digest = '1') => [
    kube('migrate', { images: [], digest: `migrate-${digest}` }),
    kube('web', { images: [], needs: [before], digest: `web-${digest}` }),
    kube('seed', { images: [], needs: [after], digest: `seed-${digest}` }),
  ];

  it('before it ends before the rest begins; one after it follows what is applied, ready or not', () => {
    const it = world(config(parts()));
    expect([it.running, it.hold('web'), it.hold('seed')]).toEqual([['migrate'], 'needs migrate', 'needs web']);
    it.succeeds('migrate');
    expect(it.hold('web')).toBe('needs migrate');
    up(it, 'migrate');
    expect(it.running).toEqual(['web']);
    it.succeeds('web');
    expect([it.of('web').wasReady, it.running]).toEqual([false, ['seed']]);
  });

  it('runs first again when the configuration changes, and holds no save', () => {
    const imaged = (digest?: string) => config(parts(digest).map((spec) => ({ ...spec, images: [spec.name] })));
    const it = world(imaged()).succeeds('web').succeeds('seed').succeeds('migrate');
    up(it, 'migrate').succeeds('web').succeeds('seed').save('image:web', 'image:migrate');
    expect([it.half('web'), it.half('migrate')]).toEqual([null, null]);
    it.succeeds('web').succeeds('migrate').reload(imaged('2'));
    expect(it.half('migrate')).toBe(null);
    // Built meanwhile, and not deployed.
    it.succeeds('web');
    expect([it.running, it.hold('web')]).toEqual([['migrate', 'seed'], 'needs migrate']);
  });
});

describe('a save that concerns several', () => {
  const rerun = (name: string, ...needs: string[]) => local(name, { needs: needs.map((it) => need(it, 'rerun')) });

  it('runs what comes after once, and after all that it concerns, also where one of these waits for a place', () => {
    const it = world(config([local('a'), local('b'), rerun('c', 'a', 'b')], [], 1));
    it.succeeds('a').succeeds('b').succeeds('c').save('local:a', 'local:b', 'local:c');
    const order = [0, 1, 2].map(() => {
      const [name = ''] = it.running;
      it.succeeds(name);
      return name;
    });
    expect([order.at(-1), it.running, it.of('c').used.runs]).toEqual(['c', [], 2]);
  });

  it('waits for the longer side of a diamond, far as it may be', () => {
    const it = world(config([local('a'), rerun('b', 'a'), rerun('c', 'a'), rerun('c2', 'c'), rerun('d', 'b', 'c2')]));
    for (const name of ['a', 'b', 'c', 'c2', 'd']) it.succeeds(name);
    it.save('local:a').succeeds('a').succeeds('b');
    expect([it.running, it.hold('d')]).toEqual([['c'], 'needs c2']);
    it.succeeds('c').succeeds('c2').succeeds('d');
    expect([it.running, it.of('d').used.runs]).toEqual([[], 2]);
  });

  it('starts a server anew once, by its own run where it has one', () => {
    const server = local('web', { serve: 'run', needs: [need('gen', 'restart')] });
    const it = world(config([local('gen'), server]))
      .succeeds('gen')
      .succeeds('web')
      .serves('web');
    it.save('local:gen', 'local:web');
    expect([it.running, it.hold('web')]).toEqual([['gen'], 'needs gen']);
    it.succeeds('gen');
    expect([it.running, it.of('web').used.generations]).toEqual([['web'], 1]);
    it.fails('web');
    // The one that runs is still of before.
    expect(it.of('web').used.generations).toBe(2);
  });

  it('starves nobody: who waits is not held by what was saved later', () => {
    const it = world(config([local('a', { onChange: 'finish' }), rerun('b', 'a')]))
      .succeeds('a')
      .succeeds('b');
    it.save('local:a', 'local:b');
    for (let n = 0; n < 4 && !it.running.includes('b'); n++) {
      it.started('a').after(100).save('local:a').after(100);
      it.ended('a', {
        is: 'ok',
        result: { strategy: 'local', images: [], deployed: null, ledgers: {}, unchanged: false },
      });
    }
    expect(it.running).toContain('b');
  });

  it('an update during the first run of what needs it is none that this one has', () => {
    const it = world(config([local('a'), rerun('b', 'a')]))
      .succeeds('a')
      .started('b')
      .save('local:a')
      .succeeds('a');
    it.ended('b', cancelled);
    expect(it.work('b')).toMatchObject({ cause: 'first' });
  });
});
