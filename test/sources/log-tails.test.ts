import { describe, expect, it } from 'vitest';
import type { Ports } from '../../src/model/ports.ts';
import { logTails } from '../../src/sources/log-tails.ts';
import { config, container, kube, pod, world } from '../engine/world.ts';
import { feed, settled } from '../support/feeds.ts';
import { fakeKube, memoryLogs } from '../support/ports.ts';

function session() {
  const [kube_, logs] = [fakeKube(), memoryLogs()];
  const it = world(config([kube('web')])).succeeds('web');
  const ports = { kube: async () => kube_.port, logs, now: () => it.now } as unknown as Ports;
  const fed = feed(logTails, ports, it.state);
  const seen = async (...containers: readonly ReturnType<typeof container>[]) => {
    it.put({ type: 'pod/seen', pod: pod('web', { name: 'web-1', containers }) });
    fed.next(it.state);
    await settled();
  };
  return { kube: kube_, logs, it, fed, seen, names: () => kube_.tails.map(({ name }) => name) };
}

describe('log tails', () => {
  it('one per container id, init containers too, sidecars of meshes not', async () => {
    const it = session();
    const init = container('setup', { type: 'init', id: 'c://i', state: 'terminated', exitCode: 0 });
    const mesh = container('istio-proxy', { id: 'c://m' });
    const later = container('late', { id: null, state: 'waiting' });
    for (let n = 0; n < 3; n++) await it.seen(init, container('web', { id: 'c://1' }), mesh, later);
    expect(it.names()).toEqual(['web-1/setup', 'web-1/web']);
    await it.seen(init, container('web', { id: 'c://1' }), container('late', { id: 'c://l' }));
    expect(it.names()).toEqual(['web-1/setup', 'web-1/web', 'web-1/late']);
  });

  it('a container that was started anew is a new tail, and the one before it is read on to its end', async () => {
    const it = session();
    const last = { exitCode: 1, reason: 'Error', id: 'c://1', finishedAt: it.it.now };
    await it.seen(container('web', { id: 'c://1' }));
    await it.seen(container('web', { id: 'c://2', restarts: 1, last }));
    expect(it.names()).toEqual(['web-1/web', 'web-1/web']);
    it.kube.tails[0]?.lines$.next({ at: it.it.now, text: 'the last word' });
    expect(it.logs.tailText({ resources: ['web'] }, 5)).toEqual(['the last word']);
  });

  it('what a container wrote before a crash that was missed is read afterwards', async () => {
    const it = session();
    const last = { exitCode: 1, reason: 'Error', id: 'c://1', finishedAt: it.it.now + 1 };
    await it.seen(container('web', { id: 'c://2', restarts: 1, last }));
    expect(it.names()).toEqual(['web-1/web!', 'web-1/web']);
  });

  it('a container older than the session is followed from its start on', async () => {
    const it = session();
    await it.seen(container('web', { id: 'c://1', startedAt: it.it.state.startedAt - 5_000 }));
    await it.seen(container('web', { id: 'c://1' }), container('other', { id: 'c://o', startedAt: it.it.now + 5 }));
    expect(it.kube.tails.map(({ since }) => since)).toEqual([it.it.state.startedAt, null]);
  });

  it('end with their pod, and the feed with the session', async () => {
    const it = session();
    await it.seen(container('web', { id: 'c://1' }));
    expect(it.kube.tails[0]?.lines$.observed).toBe(true);
    it.it.put({ type: 'pod/gone', uid: 'web-pod' });
    it.fed.next(it.it.state);
    expect(it.kube.tails[0]?.lines$.observed).toBe(false);
    it.fed.complete();
    expect(it.fed.isComplete).toBe(true);
  });

  it('a log that cannot be read is no failure of the others', async () => {
    const it = session();
    await it.seen(container('web', { id: 'c://1' }), container('b', { id: 'c://b' }));
    it.kube.tails[0]?.lines$.error(new Error('gone'));
    it.kube.tails[1]?.lines$.next({ at: 1, text: 'still here' });
    expect(it.logs.tailText({ resources: ['web'] }, 5)).toEqual(['still here']);
    expect(it.fed.error).toBe(null);
  });
});
