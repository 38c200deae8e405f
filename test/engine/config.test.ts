import { describe, expect, it } from 'vitest';
import { watchPlan } from '../../src/engine/wanted/watch-plan.ts';
import { cancelled, config, image, kube, local, object, pod, pods, sync, world } from './world.ts';

describe('a reload', () => {
  it('leaves an unchanged resource alone, also where labels, links or ports are new', () => {
    const it = world(config([kube('web')]))
      .succeeds('web')
      .put({ type: 'pod/seen', pod: pod('web') });
    const before = it.of('web');
    it.reload(config([{ ...kube('web'), labels: ['front'], links: ['http://x'] }]));
    expect(it.of('web')).toMatchObject({ used: before.used, update: { now: before.update.now, asked: null } });
    expect(it.of('web').spec.labels).toEqual(['front']);
    expect(it.state.isIdle).toBe(true);
  });

  it('asks for a run of a changed one, and its change is not live before that is up', () => {
    const it = world(config([kube('web'), local('gen')]))
      .succeeds('web')
      .succeeds('gen');
    it.put({ type: 'pod/seen', pod: pod('web') }).reload(config([kube('web', { digest: 'web-2' }), local('gen')]));
    expect(it.work('web')).toMatchObject({ cause: 'config', fullBuild: 'configuration changed' });
    expect(it.of('web').changes.behind).toEqual([1]);
    it.succeeds('web');
    expect(it.of('web')).toMatchObject({ changes: { behind: [], live: 1 }, update: { digest: 'web-2' } });
    expect(it.of('gen').used.runs).toBe(1);
  });

  it('is not forgotten when its run fails: the next save brings it in as well', () => {
    const live = [image('web', { live: [sync] })];
    const it = world(config([kube('web')], live))
      .succeeds('web')
      .put({ type: 'pod/seen', pod: pod('web') });
    it.reload(config([kube('web', { digest: 'web-2' })], live))
      .fails('web')
      .save('image:web');
    expect(it.work('web')).toMatchObject({ cause: 'config', fullBuild: 'configuration changed' });
    it.succeeds('web').save('image:web');
    expect(it.work('web')).toMatchObject({ cause: 'files', fullBuild: null });
  });

  it('broken keeps the last good configuration and everything as it was', () => {
    const it = world(config([local('gen')]))
      .succeeds('gen')
      .save('config');
    const problem = { kind: 'yours' as const, code: 'S102', what: 'unknown key' };
    const reads = { roots: ['/p/other.yaml'], filters: [] };
    it.put({ type: 'config/broken', problems: [problem], reads, wanted: 2 });
    expect(it.state.config).toMatchObject({ current: { order: ['gen'] }, problems: [problem] });
    const watched = watchPlan(it.state).targets.filter(({ id }) => id === 'config');
    expect(watched.flatMap(({ files }) => files.roots)).toEqual(['/p/other.yaml', '/p/sluice.yaml']);
    it.save('local:gen');
    expect(it.running).toEqual(['gen']);
  });

  it('at the very start broken, is idle: it waits for an edit', () => {
    const it = world(config([local('gen')]), { watch: false });
    expect(it.state.isIdle).toBe(false);
    const nothing = world(config([]), { watch: false });
    expect(nothing.state.isIdle).toBe(true);
  });

  it('a resource of another kind is another resource', () => {
    const it = world(config([kube('web')])).succeeds('web');
    it.reload(config([local('web', { digest: 'web-1' })]));
    expect(it.state.removals.web).toMatchObject({ because: 'removed', after: null });
    expect(it.of('web')).toMatchObject({ kind: 'local', update: { hasSucceeded: false } });
    it.put({ type: 'removal/ended', resource: 'web', problem: null });
    expect(it.work('web')).toMatchObject({ kind: 'local', run: 'web#2', cause: 'first' });
  });
});

describe('a removed resource', () => {
  it('is taken down, and one that comes back waits until it is gone', () => {
    const it = world(config([kube('web'), local('gen')]))
      .succeeds('web')
      .succeeds('gen');
    it.reload(config([local('gen')]));
    expect(it.state.removals.web?.deployed.objects.map(({ name }) => name)).toEqual(['web']);
    expect(it.state.isIdle).toBe(false);
    it.reload(config([kube('web'), local('gen')]));
    expect(it.hold('web')).toBe('removing web');
    it.put({ type: 'removal/ended', resource: 'web', problem: null });
    expect(it.work('web')).toMatchObject({ cause: 'first' });
  });

  it('is taken down after its run has stopped, with all that this may have applied', () => {
    const it = world(config([kube('web'), local('gen')]))
      .started('web')
      .step('web', 'deploy')
      .reload(config([local('gen')]));
    expect(it.state.removals.web).toMatchObject({ after: 'web#1', deployed: { objects: [{ name: 'web' }] } });
    it.put({ type: 'run/ended', resource: 'web', run: 'web#1', outcome: cancelled });
    expect(it.state.removals.web?.after).toBe(null);
  });

  it('hands over what another resource names now: a rename takes nothing down', () => {
    const it = world(config([kube('web')])).succeeds('web');
    it.reload(config([kube('site', { objects: [object('Deployment', 'web')] })]));
    expect(it.state.removals).toEqual({});
    expect(it.work('site')).toMatchObject({ cause: 'first' });
  });

  it('that was never deployed needs no removal', () => {
    const it = world(config([kube('web', { start: false })]));
    it.reload(config([]));
    expect(it.state.removals).toEqual({});
    expect(it.state.isIdle).toBe(true);
  });

  it('a removal that failed is shown', () => {
    const it = world(config([kube('web')]))
      .succeeds('web')
      .reload(config([]));
    const problem = { kind: 'denied' as const, code: 'S310', what: 'not allowed' };
    it.put({ type: 'removal/ended', resource: 'web', problem });
    expect(it.state.feeds.removals).toMatchObject({ ok: false, problem });
  });
});

describe('a disabled resource', () => {
  it('is taken down, its line stays, and its files start nothing until it is enabled', () => {
    const it = world(config([kube('web')])).succeeds('web');
    it.put({ type: 'user/asked', action: { do: 'disable', resource: 'web' }, by: 'tui' }).save('image:web');
    expect(it.of('web').runtime).toMatchObject({ status: 'none', text: 'disabled' });
    expect(it.running).toEqual([]);
    it.put({ type: 'removal/ended', resource: 'web', problem: null });
    expect(it.state.isIdle).toBe(true);
  });

  it('while it deploys: what the run applied after all goes too', () => {
    const it = world(config([kube('web')]))
      .started('web')
      .step('web', 'deploy');
    it.put({ type: 'user/asked', action: { do: 'disable', resource: 'web' }, by: 'tui' });
    expect(it.state.isIdle).toBe(false);
    const late = { apiVersion: 'v1', kind: 'Service', name: 'late', namespace: 'default' };
    const deployed = { objects: [late], templates: [pods('t1')], namespace: 'default', alreadyDone: false, images: {} };
    it.ended('web', { is: 'ok', result: { strategy: 'x', images: [], deployed, ledgers: {}, unchanged: false } });
    expect(it.state.removals.web).toMatchObject({ after: null });
    expect(it.state.removals.web?.deployed.objects.map(({ name }) => name)).toEqual(['web', 'late']);
    expect(it.deploy('web').result).toBe(null);
  });

  it('pods and services of a namespace that is no longer watched are forgotten', () => {
    const it = world(config([kube('web')])).succeeds('web');
    it.put({ type: 'pod/seen', pod: pod('web', { namespace: 'old' }) });
    it.reload(config([kube('web')]));
    expect(it.state.pods).toEqual({});
  });
});
