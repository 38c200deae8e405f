// What is watched of the cluster, and what of it becomes facts.
import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { removals } from '../../src/controllers/removals.ts';
import { restarts } from '../../src/controllers/restarts.ts';
import type { KubeObject } from '../../src/model/config.ts';
import type { Ports } from '../../src/model/ports.ts';
import { clock } from '../../src/sources/clock.ts';
import { pods } from '../../src/sources/kubernetes/pods.ts';
import { services } from '../../src/sources/kubernetes/services.ts';
import { workloads } from '../../src/sources/kubernetes/workloads.ts';
import { config, kube, pod, unavailable, world } from '../engine/world.ts';
import { feed, settled } from '../support/feeds.ts';
import { fakeKube, memoryLogs } from '../support/ports.ts';

function session() {
  const fake = fakeKube();
  const it = world(config([kube('web')]))
    .succeeds('web')
    .put({ type: 'pod/seen', pod: pod('web') });
  const ports = { kube: async () => fake.port, logs: memoryLogs(), now: () => it.now } as unknown as Ports;
  return { fake, it, ports };
}
const object = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, namespace: 'default', labels },
});

describe('watches', () => {
  it('one per namespace that has something of ours; they end when the cluster is away and with the session', async () => {
    const { fake, it, ports } = session();
    const fed = feed(pods, ports, it.state);
    await settled();
    expect([...fake.watches.keys()]).toEqual(['pods default']);
    it.put({ type: 'cluster/failed', problem: unavailable, retryAt: null });
    fed.next(it.state);
    expect([...fake.watches.keys()]).toEqual([]);
    fed.complete();
    expect(fed.isComplete).toBe(true);
  });

  it('pods of others are no facts, ours are, and the health of the watch is one', async () => {
    const { fake, it, ports } = session();
    const fed = feed(pods, ports, it.state);
    await settled();
    const watch = fake.watches.get('pods default');
    watch?.next({ is: 'seen', object: object('foreign', { app: 'x' }) });
    watch?.next({ is: 'seen', object: object('ours', { 'sluice-resource': 'web', 'sluice-project': 'p' }) });
    watch?.next({ is: 'seen', object: object('theirs', { 'sluice-resource': 'web', 'sluice-project': 'q' }) });
    watch?.next({ is: 'listed', uids: ['ours'], objects: [] });
    watch?.next({ is: 'gone', object: object('ours', {}) });
    watch?.next({ is: 'health', ok: false, problem: unavailable });
    expect(fed.facts.map(({ type }) => type)).toEqual(['pod/seen', 'pods/listed', 'pod/gone', 'feed/failed']);
  });

  it('a list of workloads is one fact, however many there are, without those of other projects', async () => {
    const { fake, it, ports } = session();
    const fed = feed(workloads, ports, it.state);
    await settled();
    const of = (project: string) => (_: unknown, i: number) => {
      const labels = { 'sluice-resource': 'web', 'sluice-project': project };
      return { ...object(`${project}${i}`, labels), kind: 'Deployment', apiVersion: 'apps/v1', spec: {}, status: {} };
    };
    const objects = [...Array.from({ length: 400 }, of('p')), ...Array.from({ length: 10 }, of('q'))];
    const uids = objects.map(({ metadata }) => metadata.name);
    fake.watches.get('deployments default')?.next({ is: 'listed', uids, objects });
    expect(fed.facts.map(({ type }) => type)).toEqual(['workloads/listed']);
    it.put(...fed.facts);
    expect(Object.keys(it.state.workloads)).toEqual(uids.slice(0, 400));
    // A list that shows nothing new says which are gone, and nothing else is told.
    fake.watches.get('deployments default')?.next({ is: 'listed', uids: uids.slice(1), objects: [] });
    it.put(...fed.facts.slice(1));
    expect(Object.values(it.state.workloads).filter(({ isGone }) => isGone)).toMatchObject([{ uid: 'p0' }]);
  });

  it('a list of services says which are gone', async () => {
    const { fake, it, ports } = session();
    const fed = feed(services, ports, it.state);
    await settled();
    fake.watches.get('services default')?.next({ is: 'listed', uids: ['a'], objects: [] });
    expect(fed.facts).toEqual([{ type: 'services/listed', namespace: 'default', uids: ['a'] }]);
  });
});

describe('a restart', () => {
  it('deletes the pods once, tells which, and says what went wrong', async () => {
    const { fake, it, ports } = session();
    it.put({ type: 'user/asked', action: { do: 'restart', resource: 'web' }, by: 'tui' });
    const fed = feed(restarts, ports, it.state, (fact) => it.put(fact));
    await settled();
    fed.next(it.state);
    await settled();
    expect(fake.deleted).toEqual(['Pod/web-abc']);
    expect(fed.facts).toEqual([{ type: 'restart/ended', resource: 'web', pods: ['web-pod'], problem: null }]);
    it.put({ type: 'pod/seen', pod: pod('web', { uid: 'new' }) });
    fed.next(it.state);
    it.put({ type: 'user/asked', action: { do: 'restart', resource: 'web' }, by: 'tui' });
    fake.port.delete = () => Promise.reject(new Error('denied'));
    fed.next(it.state);
    await settled();
    expect(fed.facts.at(-1)).toMatchObject({ pods: [], problem: { what: 'denied' } });
    expect(ports.logs.tailText({ resources: ['web'] }, 1)).toEqual(['not restarted: denied']);
  });
});

describe('a removal', () => {
  it('waits for the run that is stopping and for the cluster, then is done once', async () => {
    const { it, ports } = session();
    it.save('image:web')
      .started('web')
      .put({ type: 'user/asked', action: { do: 'disable', resource: 'web' }, by: 'tui' });
    const fed = feed(removals, ports, it.state, (fact) => it.put(fact));
    await settled();
    expect(fed.facts).toEqual([]);
    it.put({ type: 'cluster/failed', problem: unavailable, retryAt: null });
    it.ended('web', { is: 'cancelled', by: 'stopped', images: [] });
    fed.next(it.state);
    await settled();
    expect(fed.facts).toEqual([]);
    it.put({ type: 'cluster/connected', info: it.state.cluster.info! });
    fed.next(it.state);
    await settled();
    fed.next(it.state);
    await settled();
    expect(fed.facts).toEqual([{ type: 'removal/ended', resource: 'web', problem: null }]);
    fed.complete();
    expect(fed.isComplete).toBe(true);
  });
});

describe('the clock', () => {
  it('rings when something is due, at once where that is past, and not otherwise', async () => {
    const { it, ports } = session();
    it.put({ type: 'session/stop-asked', reason: 'x', exitCode: 0 });
    const due = { ...it.state, wakeAt: it.now - 5 };
    const scheduler = new VirtualTimeScheduler();
    const fed = feed(clock(scheduler), ports, { ...it.state, wakeAt: null });
    fed.next(due);
    scheduler.flush();
    await settled();
    expect(fed.facts).toEqual([{ type: 'clock/reached', due: it.now - 5 }]);
  });
});
