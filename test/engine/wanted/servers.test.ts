import { describe, expect, it } from 'vitest';
import { config, local, type World, world } from '../world.ts';

const served = (parts: Parameters<typeof local>[1] = {}): World =>
  world(config([local('web', { cmd: null, serve: 'run', ...parts })]))
    .succeeds('web')
    .serves('web');
const exits = (it: World, code: number) =>
  it.put({ type: 'server/exited', resource: 'web', generation: it.of('web').used.generations, code, signal: null });
const disable = (it: World) => it.put({ type: 'user/asked', action: { do: 'disable', resource: 'web' }, by: 'tui' });

describe('a server that ends', () => {
  it('no: stays down, and that is idle', () => {
    const it = exits(served(), 1);
    expect(it.of('web').runtime).toMatchObject({ status: 'failed', text: 'crashed', problem: { code: 'S420' } });
    expect(it.state.wakeAt).toBe(null);
    expect(it.state.isIdle).toBe(true);
  });

  it('on-failure: starts again after 0.5 s, doubled each time, but not when it ended well', () => {
    const it = served({ restart: 'on-failure' });
    const pauses: number[] = [];
    for (let n = 0; n < 4; n++) {
      exits(it, 1);
      const due = it.state.wakeAt ?? 0;
      pauses.push(due - it.now);
      it.after(due - it.now)
        .put({ type: 'clock/reached', due })
        .serves('web');
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000]);
    expect(it.server('web').restarts).toBe(4);
    exits(it, 0);
    expect(it.of('web').runtime).toMatchObject({ status: 'done', text: 'ended' });
    expect(it.state.wakeAt).toBe(null);
  });

  it('always: starts again also when it ended well; health forgets its past', () => {
    const it = served({ restart: 'always' });
    exits(it, 0);
    it.after(500)
      .put({ type: 'clock/reached', due: it.state.wakeAt ?? 0 })
      .serves('web');
    it.after(30_000);
    exits(it, 0);
    expect((it.state.wakeAt ?? 0) - it.now).toBe(500);
  });

  it('a clock that steps back, or a timer that rings early, loses no restart', () => {
    const it = exits(served({ restart: 'always' }), 1);
    it.after(-3_600_000).put({ type: 'clock/reached', due: it.state.wakeAt ?? 0 });
    expect(it.of('web').used.generations).toBe(2);
  });
});

describe('a server that is stopped', () => {
  it('is there until it has ended: not idle before', () => {
    const it = disable(served());
    expect(it.server('web').process).not.toBe(null);
    expect(it.state.isIdle).toBe(false);
    it.put({ type: 'server/stopped', resource: 'web', generation: 1 });
    expect(it.state.isIdle).toBe(true);
  });

  it('and wanted again never takes the end of the old one for its own', () => {
    const it = disable(served());
    it.put({ type: 'user/asked', action: { do: 'enable', resource: 'web' }, by: 'tui' }).succeeds('web');
    expect(it.of('web').used.generations).toBe(2);
    it.put({ type: 'server/stopped', resource: 'web', generation: 1 }).serves('web');
    expect(it.of('web').runtime.status).toBe('ready');
  });

  it('while a newer one waits for its end: the session ends all the same', () => {
    const it = served().save('local:web').succeeds('web');
    expect(it.of('web').used.generations).toBe(2);
    it.put({ type: 'session/stop-asked', reason: 'ctrl-c', exitCode: 0 });
    expect(it.state.phase).toBe('draining');
    it.put({ type: 'server/stopped', resource: 'web', generation: 1 });
    expect(it.state.phase).toBe('stopped');
  });

  it('what a replaced one says changes nothing', () => {
    const it = served().save('local:web').succeeds('web');
    const before = it.state;
    it.put({ type: 'server/exited', resource: 'web', generation: 1, code: 1, signal: null });
    it.put({ type: 'server/probed', resource: 'web', generation: 1, ready: true, problem: null });
    expect(it.state).toBe(before);
    expect(it.of('web').runtime).toMatchObject({ status: 'pending', text: 'starting' });
  });
});
