import { describe, expect, it } from 'vitest';
import { publicStates } from '../../../src/engine/public.ts';
import { verdictOf } from '../../../src/engine/verdict.ts';
import { limits } from '../../../src/model/limits.ts';
import {
  built,
  clusterUp,
  config,
  container,
  deployedOf,
  dockerUp,
  failed,
  image,
  kube,
  local,
  need,
  pod,
  service,
  sync,
  unavailable,
  world,
} from '../world.ts';

describe('a first run', () => {
  it('starts as soon as the configuration is loaded and its files are watched', () => {
    const it = world(config([local('gen')]));
    expect(it.work('gen')).toMatchObject({ run: 'gen#1', cause: 'first', force: false });
  });

  it('begins with local resources, then what belongs to no workload, then the order as written; what builds nothing takes no place', () => {
    const specs = [
      kube('web'),
      kube('api'),
      kube('db', { images: [] }),
      kube('uncategorized', { images: ['base'], workload: null }),
      local('gen'),
    ];
    const it = world(config(specs, [], 1));
    expect(it.running).toEqual(['gen']);
    it.succeeds('gen');
    expect(it.running).toEqual(['uncategorized']);
    it.succeeds('uncategorized');
    expect(it.running).toEqual(['web', 'db']);
    it.succeeds('web');
    expect(it.running).toEqual(['api', 'db']);
  });

  it('does not happen where start is false, until it is asked for, and then it is a first start and no rebuild', () => {
    const it = world(config([kube('web', { start: false })]));
    it.save('image:web');
    expect(it.running).toEqual([]);
    expect(it.state.isIdle).toBe(true);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'web' }, by: 'tui' });
    expect(it.work('web')).toMatchObject({ cause: 'first', force: false });
  });

  it('is wanted of what is named on the command line and what that needs alone', () => {
    const it = world(config([local('a'), local('b', { needs: [need('a')] }), local('c')]), { only: ['b'] });
    it.succeeds('a').succeeds('b');
    expect(it.of('c').enabled).toBe(false);
    expect(it.state.isIdle).toBe(true);
  });

  it('is wanted of what every workload stands on, when one is named or needed, and of no other workload', () => {
    const all = config([
      kube('uncategorized', { needs: [need('gen')] }),
      kube('web'),
      kube('worker'),
      local('gen'),
      local('docs'),
      local('tests', { needs: [need('web')] }),
    ]);
    const enabled = (...only: string[]) => {
      const { resources } = world(all, { only }).state;
      return Object.keys(resources).filter((name) => resources[name]?.enabled);
    };
    expect(enabled('web')).toEqual(['uncategorized', 'web', 'gen']);
    expect(enabled('tests')).toEqual(['uncategorized', 'web', 'gen', 'tests']);
    expect(enabled('docs')).toEqual(['docs']);
    expect(enabled()).toHaveLength(6);
  });
});

describe('a hold', () => {
  it('watching: a first build would miss a save made before its files are watched', () => {
    const it = world(config([local('gen')]), { watch: false });
    expect(it.running).toEqual(['gen']);
    const watched = world(config([local('gen')]));
    watched.succeeds('gen').put({ type: 'feed/failed', feed: 'files', problem: unavailable, retryAt: 1 });
    watched.save('local:gen');
    expect(watched.hold('gen')).toBe('watching files');
    watched.put({ type: 'files/watching', files: 1, ms: 1 });
    expect(watched.running).toEqual(['gen']);
  });

  it('config-reload: nothing starts while a reload is under way', () => {
    const it = world(config([local('gen')]))
      .succeeds('gen')
      .save('config')
      .save('local:gen');
    expect(it.hold('gen')).toBe('config-reload sluice.yaml');
    it.put({ type: 'config/loaded', config: config([local('gen')]), wanted: 2 });
    it.put({ type: 'files/watching', files: 1, ms: 1 });
    expect(it.running).toEqual(['gen']);
  });

  it('git: waits for the operation to end, unless it was asked for by hand', () => {
    const it = world(config([local('a'), local('b')]))
      .succeeds('a')
      .succeeds('b');
    it.put({ type: 'git/held', because: 'rebase' }).save('local:a');
    expect(it.hold('a')).toBe('git rebase');
    expect(it.state.isIdle).toBe(false);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'b' }, by: 'tui' });
    expect(it.running).toEqual(['b']);
    it.put({ type: 'git/released' });
    expect(it.running).toEqual(['a', 'b']);
  });

  it('docker and cluster: only what needs them waits', () => {
    const elsewhere = image('nginx', { build: { is: 'elsewhere' } });
    const it = world(config([local('gen'), kube('web'), kube('site', { images: ['nginx'] })], [elsewhere]), {
      reach: false,
    });
    expect(it.running).toEqual(['gen']);
    expect([it.hold('web'), it.hold('site')]).toEqual(['docker docker', 'cluster cluster']);
    it.put(clusterUp);
    expect(it.running).toEqual(['gen', 'site']);
    it.put(dockerUp);
    expect(it.running).toEqual(['gen', 'web', 'site']);
  });

  it('docker: not for a save whose files may be exchanged in an image that was pushed, until that was tried in vain', () => {
    const gone = { kind: 'unavailable', code: 'S200', what: 'Docker is gone' } as const;
    const pushed = (ref: string) => ({ images: [{ ...built(ref, 0), pushed: 'sha256:1' }] });
    const images = [image('web'), image('api'), image('db', { exchange: false })];
    const it = world(config([kube('web'), kube('api'), kube('db')], images))
      .succeeds('web', pushed('web'))
      .succeeds('api')
      .succeeds('db', pushed('db'))
      .put({ type: 'docker/failed', problem: gone, retryAt: null });
    for (const name of ['web', 'api', 'db']) it.save(`image:${name}`);
    expect(it.running).toEqual(['web']);
    expect([it.hold('api'), it.hold('db')]).toEqual(['docker docker', 'docker docker']);
    it.fails('web', gone);
    expect(it.running).toEqual([]);
    it.save('image:web');
    expect(it.hold('web')).toBe('docker docker');
    it.put(dockerUp);
    expect(it.running.toSorted()).toEqual(['api', 'db', 'web']);
  });

  it('cluster: one that may not be touched is waited for by nobody, so that is idle', () => {
    const it = world(config([kube('web', { images: [] })]), { reach: false });
    if (clusterUp.type !== 'cluster/connected') throw new Error('no cluster');
    it.put({ type: 'cluster/connected', info: { ...clusterUp.info, context: 'prod', local: null } });
    expect(it.hold('web')).toBe('cluster prod');
    expect(it.state.cluster.problem).toMatchObject({ code: 'S360', kind: 'yours' });
    expect(it.state.isIdle).toBe(true);
  });

  it('uncategorized: workloads wait for what belongs to none, but not when that has failed', () => {
    const base = kube('uncategorized', { images: [], workload: null });
    const it = world(config([base, kube('web', { images: [] })]));
    expect(it.hold('web')).toBe('uncategorized uncategorized');
    it.fails('uncategorized');
    expect(it.running).toEqual(['web']);
  });

  it('shared-image: two builds of one image do not overlap', () => {
    const it = world(config([kube('web'), kube('job', { images: ['web'] })]));
    expect(it.running).toEqual(['web']);
    expect(it.hold('job')).toBe('shared-image web');
    it.succeeds('web');
    expect(it.running).toEqual(['job']);
  });

  it('shared-image: those that find it made come up side by side, until there is something to build', () => {
    const names = ['a', 'b', 'c', 'd'];
    const it = world(config([kube('web'), ...names.map((name) => kube(name, { images: ['web'] }))]));
    expect(it.running).toEqual(['web']);
    it.succeeds('web');
    expect(it.running).toEqual(names);
    for (const name of names) it.succeeds(name);
    it.save('image:web');
    expect(it.running).toEqual(['web']);
    expect(it.hold('a')).toBe('shared-image web');
    it.succeeds('web');
    expect(it.running).toEqual(names);
    it.succeeds('a');
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'web', force: true }, by: 'tui' });
    it.succeeds('b').succeeds('c').succeeds('d');
    expect(it.running).toEqual(['web']);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'a' }, by: 'tui' });
    expect(it.hold('a')).toBe('shared-image web');
  });

  it('an image that is found again as it was is nothing new to anybody', () => {
    const it = world(config([kube('web'), kube('job', { images: ['web'] })])).succeeds('web');
    const { images } = it.state;
    const last = images.web?.last;
    it.succeeds('job', { images: last ? [last] : [] });
    expect(it.state.images).toBe(images);
  });

  it('slots: no more at once than settings.parallel, and the one that waits longest is next', () => {
    const it = world(config([local('a'), local('b'), local('c')], [], 2));
    expect(it.running).toEqual(['a', 'b']);
    expect(it.hold('c')).toBe('slots');
    it.succeeds('a').succeeds('b').succeeds('c');
    it.save('local:a').after(10).save('local:b').after(10).save('local:c');
    expect(it.running).toEqual(['a', 'b']);
    it.after(10).save('local:a');
    it.succeeds('a');
    expect(it.running).toEqual(['b', 'c']);
  });

  it('slots: a service that has built leaves its place to the next, as far as Docker takes them', () => {
    const names = ['a', 'b', 'c', 'd'];
    const services = names.map((name) => service(name, { images: [name] }));
    const it = world(
      config(
        services,
        names.map((name) => image(name)),
        2,
      ),
    ).put(dockerUp);
    expect(it.running).toEqual(['a', 'b']);
    expect(it.hold('c')).toBe('slots');
    for (const name of ['a', 'b']) it.started(name).step(name, `build ${name}`);
    expect(it.running).toEqual(['a', 'b']);
    it.step('a', 'deploy');
    expect(it.running).toEqual(['a', 'b', 'c']);
    expect(it.hold('d')).toBe('slots');
    it.succeeds('a');
    expect(it.hold('d')).toBe('slots');
  });

  it('slots: what only deploys leaves them to what builds, as far as the cluster takes it', () => {
    const many = Array.from({ length: limits.deploysAtOnce + 2 }, (_, i) => `w${i}`);
    const specs = [...many.map((name) => kube(name, { images: ['web'] })), kube('api'), kube('job')];
    const it = world(config(specs, [], 1)).succeeds('w0');
    expect(it.running).toEqual([...many.slice(1, limits.deploysAtOnce + 1), 'api']);
    expect(it.hold('job')).toBe('slots');
    expect(it.hold(many.at(-1) as string)).toBe('slots');
    it.succeeds('w1');
    expect(it.running).toEqual([...many.slice(2), 'api']);
    it.started('api').step('api', 'deploy');
    expect(it.running).toEqual([...many.slice(2), 'api', 'job']);
  });

  it('slots: once an image holds changes that were too many to be told apart, those who find it made take none', () => {
    const many = Array.from({ length: limits.pendingPaths + 1 }, (_, i) => ({
      path: `/p/web/${i}`,
      kind: 'changed' as const,
      targets: ['image:web'],
    }));
    const specs = [kube('a', { images: ['web'] }), kube('api'), kube('b', { images: ['web'] })];
    const it = world(config(specs, [], 1))
      .succeeds('a')
      .succeeds('api')
      .succeeds('b');
    it.put({ type: 'files/changed', changes: many }).succeeds('a').succeeds('b');
    it.save('image:web', 'image:api');
    expect(it.running).toEqual(['a']);
    it.succeeds('a');
    expect(it.running).toEqual(['api', 'b']);
  });

  it('container-starting: a save that fits in place waits for the container to run, ready or not', () => {
    const it = world(config([kube('web')], [image('web', { live: [sync] })])).succeeds('web');
    it.save('image:web');
    expect(it.hold('web')).toBe('container-starting web');
    const waiting = container('web', { state: 'waiting', id: null, ready: false });
    it.put({ type: 'pod/seen', pod: pod('web', { ready: false, status: 'ContainerCreating', containers: [waiting] }) });
    expect(it.hold('web')).toBe('container-starting web');
    it.put({ type: 'pod/seen', pod: pod('web', { ready: false }) });
    expect(it.work('web')).toMatchObject({ cause: 'files', fullBuild: null });
  });

  it('container-starting: one that crashes is not waited for', () => {
    const it = world(config([kube('web')], [image('web', { live: [sync] })]))
      .succeeds('web')
      .save('image:web');
    const crashed = container('web', { state: 'waiting', reason: 'CrashLoopBackOff', ready: false });
    it.put({ type: 'pod/seen', pod: pod('web', { ready: false, status: 'CrashLoopBackOff', containers: [crashed] }) });
    expect(it.work('web')).toMatchObject({ fullBuild: 'the container is in CrashLoopBackOff' });
  });

  it('removing: what comes back waits until what it was is gone', () => {
    const it = world(config([kube('web')])).succeeds('web');
    it.put({ type: 'user/asked', action: { do: 'disable', resource: 'web' }, by: 'tui' });
    it.put({ type: 'user/asked', action: { do: 'enable', resource: 'web' }, by: 'tui' });
    expect(it.hold('web')).toBe('removing web');
    it.put({ type: 'removal/ended', resource: 'web', problem: null });
    expect(it.work('web')).toMatchObject({ cause: 'first', deployed: null });
  });
});

describe('a run that did not succeed', () => {
  it('keeps its files pending, and only a newer change starts another', () => {
    const it = world(config([local('gen')]))
      .succeeds('gen')
      .save('local:gen')
      .fails('gen');
    expect(Object.keys(it.of('gen').changes.pending)).toEqual(['/p/gen/a.js']);
    expect(it.running).toEqual([]);
    expect(it.state.isIdle).toBe(true);
    it.save('local:gen');
    expect(it.work('gen').files).toHaveLength(1);
  });

  it('by hand: is over until something new is saved', () => {
    const it = world(config([local('gen')]))
      .succeeds('gen')
      .save('local:gen')
      .started('gen');
    it.put({ type: 'user/asked', action: { do: 'cancel', resource: 'gen' }, by: 'tui' });
    expect(it.of('gen').update.now.is).toBe('stopping');
    it.ended('gen', { is: 'cancelled', by: 'stopped', images: [] });
    expect(it.running).toEqual([]);
    expect(it.of('gen').update.last?.outcome).toBe('cancelled');
    it.save('local:gen');
    expect(it.running).toEqual(['gen']);
  });

  it('for want of something out of reach is tried again by itself, each time later, and at once when it is back', () => {
    const it = world(config([kube('web')])).fails('web', unavailable);
    expect(it.running).toEqual([]);
    const first = it.state.wakeAt ?? 0;
    expect(first - it.now).toBe(1_000);
    it.after(1_000).put({ type: 'clock/reached', due: first });
    expect(it.work('web')).toMatchObject({ cause: 'first', why: ['tried again'] });
    it.fails('web', unavailable);
    expect((it.state.wakeAt ?? 0) - it.now).toBe(2_000);
    it.put({ type: 'docker/failed', problem: unavailable, retryAt: null }, dockerUp);
    expect(it.running).toEqual(['web']);
  });

  it('for want of something out of reach is tried for a quarter of an hour, and after that when asked or at a save', () => {
    const it = world(config([kube('web')])).fails('web', unavailable);
    const pauses: number[] = [];
    for (let tries = 0; it.state.wakeAt !== null && tries < 100; tries++) {
      const due = it.state.wakeAt;
      pauses.push(due - it.now);
      it.after(due - it.now)
        .put({ type: 'clock/reached', due })
        .fails('web', unavailable);
    }
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.reduce((sum, each) => sum + each)).toBeLessThan(20 * 60_000);
    expect(pauses.reduce((sum, each) => sum + each)).toBeGreaterThan(10 * 60_000);
    expect([it.running, it.state.isIdle]).toEqual([[], true]);
    expect(verdictOf(it.state, 3)).toMatchObject({ exitCode: 6, problems: [unavailable] });
    it.save('image:web');
    expect(it.running).toEqual(['web']);
  });

  it.each(['S200', 'S204'])(
    'that found Docker gone (%s) says so at once for all, and is held with them until it is back',
    (code) => {
      const gone = { kind: 'unavailable', code, what: 'the connection to Docker was lost' } as const;
      const it = world(config([kube('web'), kube('api')]))
        .succeeds('api')
        .fails('web', gone);
      expect(it.state.docker).toMatchObject({ ok: false, problem: gone, doubts: 1, retryAt: it.now + 1_000 });
      expect(publicStates(() => [])(it.state).resources.web?.update).toMatchObject({
        status: 'held',
        hold: { reason: 'docker' },
      });
      it.save('image:api');
      expect(it.of('api').update.hold?.reason).toBe('docker');
      it.put(dockerUp);
      expect(it.state.docker).toMatchObject({ ok: true, doubts: 1 });
      expect(it.running.toSorted()).toEqual(['api', 'web']);
      it.fails('web', gone);
      expect(it.state.docker).toMatchObject({ doubts: 2, retryAt: it.now + 2_000 });
    },
  );

  it('a timer that rings a moment early, or a clock that steps back, loses no retry', () => {
    const it = world(config([kube('web')])).fails('web', unavailable);
    const due = it.state.wakeAt ?? 0;
    it.after(-60_000).put({ type: 'clock/reached', due });
    expect(it.running).toEqual(['web']);
  });

  it('a failed deploy of a new image is not patched in place: the containers run an older one', () => {
    const it = world(config([kube('web')], [image('web', { live: [sync] })])).succeeds('web');
    it.put({ type: 'pod/seen', pod: pod('web') })
      .save('image:web')
      .started('web');
    const newer = { ...it.state.images.web?.last, tagged: 'web:sluice-2', inCluster: 'web:sluice-2', change: 1 };
    it.ended('web', failed(undefined, { phase: 'deploy', images: [newer as never] }));
    it.save('image:web');
    expect(it.work('web')).toMatchObject({ fullBuild: 'the last deploy failed' });
  });

  it('containers that disagree after a partial update get a full build', () => {
    const it = world(config([kube('web')], [image('web', { live: [sync] })])).succeeds('web');
    it.put({ type: 'pod/seen', pod: pod('web') })
      .save('image:web')
      .started('web');
    it.ended('web', failed(undefined, { phase: 'update', inconsistent: true })).save('image:web');
    expect(it.work('web')).toMatchObject({ fullBuild: 'containers disagree after a partial update' });
  });
});

describe('a run that succeeded', () => {
  it('clears only what it contained', () => {
    const it = world(config([local('gen', { onChange: 'finish' })]))
      .succeeds('gen')
      .save('local:gen')
      .started('gen');
    it.put({ type: 'files/changed', changes: [{ path: '/p/gen/b', kind: 'added', targets: ['local:gen'] }] });
    it.ended('gen', {
      is: 'ok',
      result: { strategy: 'local', images: [], deployed: null, ledgers: {}, unchanged: false },
    });
    expect(Object.keys(it.of('gen').changes.pending)).toEqual(['/p/gen/b']);
    expect(it.work('gen').files.map(({ path }) => path)).toEqual(['/p/gen/b']);
  });
});

describe('manual', () => {
  it('starts by itself once, then only when triggered, and a trigger with files pending is no rebuild', () => {
    const it = world(config([local('gen', { trigger: 'manual' })]))
      .succeeds('gen')
      .save('local:gen');
    expect(it.running).toEqual([]);
    expect(it.state.isIdle).toBe(true);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'gen' }, by: 'tui' });
    expect(it.work('gen')).toMatchObject({ cause: 'trigger', force: false });
  });

  it('a changed configuration waits for the trigger too, and is not forgotten by it', () => {
    const spec = kube('web', { trigger: 'manual' });
    const it = world(config([spec], [image('web', { live: [sync] })]))
      .succeeds('web')
      .put({ type: 'pod/seen', pod: pod('web') });
    it.reload(config([{ ...spec, digest: 'web-2' }], [image('web', { live: [sync] })]));
    expect(it.running).toEqual([]);
    it.save('image:web').put({ type: 'user/asked', action: { do: 'trigger', resource: 'web' }, by: 'tui' });
    expect(it.work('web')).toMatchObject({ cause: 'config', fullBuild: 'configuration changed' });
  });

  it('switched to auto, what is pending starts', () => {
    const it = world(config([local('gen', { trigger: 'manual' })]))
      .succeeds('gen')
      .save('local:gen');
    it.put({ type: 'user/asked', action: { do: 'mode', resource: 'gen', mode: 'auto' }, by: 'tui' });
    expect(it.running).toEqual(['gen']);
  });

  it('a trigger with nothing pending makes everything anew', () => {
    const it = world(config([kube('web')])).succeeds('web');
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'web' }, by: 'tui' });
    expect(it.work('web')).toMatchObject({ cause: 'trigger', force: true, fullBuild: 'asked for' });
  });

  it('a name that is no resource changes nothing', () => {
    const it = world(config([local('gen')]));
    const before = it.state;
    for (const resource of ['constructor', '__proto__', 'nobody'])
      it.put({ type: 'user/asked', action: { do: 'mode', resource, mode: 'manual' }, by: 'socket' });
    expect(it.state).toBe(before);
  });
});

describe('a container that was started anew', () => {
  const live = () =>
    world(config([kube('web')], [image('web', { live: [sync] })]))
      .succeeds('web')
      .put({ type: 'pod/seen', pod: pod('web') });
  const updated = () => {
    const it = live().save('image:web');
    return it.succeeds('web', { strategy: 'exec', images: [], deployed: null, ledgers: { 'containerd://web-1': 1 } });
  };

  it('gets the files that were put into the one before it, once', () => {
    const it = updated();
    expect(it.running).toEqual([]);
    expect(it.of('web').changes.live).toBe(1);
    const fresh = container('web', { id: 'containerd://web-2', restarts: 1 });
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [fresh], restarts: 1 }) });
    expect(it.of('web').changes.live).toBe(0);
    expect(it.work('web')).toMatchObject({ cause: 'crash', fullBuild: null });
    it.fails('web');
    expect(it.running).toEqual([]);
    it.save('image:web');
    it.succeeds('web', { strategy: 'exec', images: [], deployed: null, ledgers: { 'containerd://web-2': 2 } });
    expect(it.running).toEqual([]);
    expect(it.of('web').changes.live).toBe(2);
  });

  it('is left alone while nothing was put into it', () => {
    const it = live();
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { id: 'containerd://web-2' })] }) });
    expect(it.running).toEqual([]);
  });

  it('of an image built elsewhere gets its initial files', () => {
    const rules = [{ ...sync, initial: true }];
    const it = world(config([kube('web')], [image('web', { build: { is: 'elsewhere' }, live: rules })]));
    it.succeeds('web', { images: [], deployed: deployedOf(kube('web'), { images: {} }) });
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { image: 'web' })] }) });
    expect(it.work('web')).toMatchObject({ cause: 'crash' });
    it.succeeds('web', { images: [], deployed: null, ledgers: { 'containerd://web-1': 0 } });
    expect(it.running).toEqual([]);
    expect(it.state.isIdle).toBe(true);
  });
});
