import { expect, it } from 'vitest';
import { limits } from '../../../src/model/limits.ts';
import { cancelled, config, kube, local, world } from '../world.ts';

const stop = { type: 'session/stop-asked', reason: 'ctrl-c', exitCode: 130 } as const;

it('builds and commands are stopped, applies are let finish', () => {
  const session = world(config([local('gen'), kube('web')]))
    .started('gen')
    .started('web')
    .step('web', 'deploy')
    .put(stop);
  expect(session.of('gen').update.now.is).toBe('stopping');
  expect(session.of('web').update.now.is).toBe('running');
  session.ended('gen', cancelled);
  expect(session.state.phase).toBe('draining');
  const result = { strategy: 'deploy', images: [], deployed: null, ledgers: {}, unchanged: false };
  session.ended('web', { is: 'ok', result });
  expect(session.state.phase).toBe('stopped');
});

it('nothing new starts', () => {
  const session = world(config([local('a'), local('b')], [], 1))
    .started('a')
    .put(stop);
  session.save('local:b').ended('a', cancelled);
  expect(session.running).toEqual([]);
  expect(session.state.phase).toBe('stopped');
});

it('what does not end in time is dropped', () => {
  const session = world(config([local('gen')]))
    .started('gen')
    .put(stop);
  const due = session.state.wakeAt ?? 0;
  expect(due - session.now).toBe(limits.drainMs);
  session.after(limits.drainMs).put({ type: 'clock/reached', due });
  expect(session.state.phase).toBe('stopped');
});

it('a removal under way is let finish', () => {
  const session = world(config([kube('web')]))
    .succeeds('web')
    .reload(config([]))
    .put(stop);
  expect(session.state.phase).toBe('draining');
  session.put({ type: 'removal/ended', resource: 'web', problem: null });
  expect(session.state.phase).toBe('stopped');
});

it('dropped is over at once', () => {
  const session = world(config([local('gen')]))
    .started('gen')
    .put({ type: 'session/dropped', reason: 'second ctrl-c' });
  expect(session.state.phase).toBe('stopped');
});

it('before a configuration was there it is over at once', () => {
  expect(world(config([]), { watch: false }).put(stop).state.phase).toBe('stopped');
});
