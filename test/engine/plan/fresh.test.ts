import { describe, expect, it } from 'vitest';
import { liveEverywhere } from '../../../src/engine/plan/fresh.ts';
import { config, kube, local, pod, pods, type World, world } from '../world.ts';

const live = (it: World) => liveEverywhere(it.state);

describe('changes.live', () => {
  it('is the newest change once it runs everywhere it belongs, and not before its pods are up', () => {
    const it = world(config([kube('web'), local('gen')]))
      .succeeds('web')
      .succeeds('gen');
    it.put({ type: 'pod/seen', pod: pod('web') }).save('image:web', 'local:gen');
    expect(live(it)).toBe(0);
    it.succeeds('gen');
    expect(live(it)).toBe(0);
    it.succeeds('web', { deployed: { ...it.deploy('web').result!, templates: [pods('t2')] } });
    expect(live(it)).toBe(0);
    it.put({ type: 'pod/seen', pod: pod('web', { uid: 'n', template: 't2' }) });
    expect(live(it)).toBe(1);
  });

  it('a later change elsewhere does not hide an older one that waits', () => {
    const it = world(config([local('a'), local('b')]))
      .succeeds('a')
      .succeeds('b');
    it.save('local:a').fails('a').save('local:b').succeeds('b').save('local:b').succeeds('b');
    expect([it.state.changes.seen, live(it)]).toEqual([3, 0]);
    it.save('local:a').succeeds('a');
    expect(live(it)).toBe(4);
  });

  it('a change of the configuration is live once it is loaded and what it changed is up', () => {
    const it = world(config([local('a'), local('b')]))
      .succeeds('a')
      .succeeds('b')
      .save('config')
      .save('local:b');
    expect(live(it)).toBe(0);
    it.put({ type: 'config/loaded', config: config([local('a', { digest: 'a-2' }), local('b')]), wanted: 2 });
    it.put({ type: 'files/watching', files: 1, ms: 1 }).succeeds('b');
    expect(live(it)).toBe(0);
    it.succeeds('a');
    expect(live(it)).toBe(2);
  });

  it('counts neither what is disabled nor what was never started', () => {
    const it = world(config([local('a', { start: false }), local('b')])).succeeds('b');
    it.save('local:a');
    expect(live(it)).toBe(1);
    it.put({ type: 'user/asked', action: { do: 'disable', resource: 'b' }, by: 'tui' }).save('local:b');
    expect(live(it)).toBe(2);
  });

  it('waits for a trigger where the mode is manual', () => {
    const it = world(config([local('a', { trigger: 'manual' })]))
      .succeeds('a')
      .save('local:a');
    expect(live(it)).toBe(0);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'a' }, by: 'tui' }).succeeds('a');
    expect(live(it)).toBe(1);
  });

  it('a batch that confirms nothing is no change', () => {
    const it = world(config([local('a')]))
      .succeeds('a')
      .put({ type: 'files/settling', first: '/app/a' });
    expect(it.state.isIdle).toBe(false);
    it.put({ type: 'files/changed', changes: [] });
    expect(it.state).toMatchObject({ isIdle: true, changes: { seen: 0 } });
  });

  it('a batch after which others are still settling is not idle', () => {
    const it = world(config([local('a')]))
      .succeeds('a')
      .put({ type: 'files/settling', first: '/app/a' });
    it.put({ type: 'files/changed', changes: [], settling: true });
    expect(it.state.isIdle).toBe(false);
  });
});
