// What every source keeps to: it asks nothing of what nobody needs, and ends with the session. And every watch: a restart
// changes nothing, what is denied is told and told to be over, and what breaks for one place breaks for it alone.
import type { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { Feed } from '../../src/engine/engine.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { KubeWatchEvent, Ports } from '../../src/model/ports.ts';
import type { EngineState } from '../../src/model/state.ts';
import { clock } from '../../src/sources/clock.ts';
import { cluster } from '../../src/sources/cluster.ts';
import { containerLogs } from '../../src/sources/compose/container-logs.ts';
import { containers } from '../../src/sources/compose/containers.ts';
import { docker } from '../../src/sources/docker.ts';
import { files } from '../../src/sources/files.ts';
import { endpoints } from '../../src/sources/kubernetes/endpoints.ts';
import { events } from '../../src/sources/kubernetes/events.ts';
import { pods } from '../../src/sources/kubernetes/pods.ts';
import { services } from '../../src/sources/kubernetes/services.ts';
import { workloads } from '../../src/sources/kubernetes/workloads.ts';
import { logTails } from '../../src/sources/log-tails.ts';
import { rights } from '../../src/sources/rights.ts';
import { config, kube, local, world } from '../engine/world.ts';
import { type Fed, feed, settled } from '../support/feeds.ts';
import { fakeFiles, fakeKube, memoryLogs } from '../support/ports.ts';

const sources: readonly Feed<Ports>[] = [
  docker,
  cluster,
  containers,
  containerLogs,
  pods,
  services,
  workloads,
  endpoints,
  events,
  rights,
  logTails,
  clock(),
];

describe.each(sources.map((source) => [source.name, source] as const))('%s', (_, source) => {
  it('asks nothing where nothing needs it, and ends with the session', async () => {
    const asked: string[] = [];
    const outside = (name: string) => () => {
      asked.push(name);
      return Promise.reject(new Error('nobody is there'));
    };
    const ports = { docker: outside('docker'), kube: outside('kube'), logs: memoryLogs(), now: () => 0 };
    const { state } = world(config([local('gen')]), { reach: false, watch: false }).succeeds('gen');
    const fed = feed(source, ports as unknown as Ports, state);
    fed.next({ ...state });
    await settled();
    expect([asked, fed.isComplete]).toEqual([[], false]);
    fed.complete();
    await settled();
    expect([asked, fed.facts, fed.error, fed.isComplete]).toEqual([[], [], null, true]);
  });
});

it('files: watched where saves are waited for, and let go with the session', () => {
  const [port, { state }] = [fakeFiles(), world(config([local('gen')]))];
  const fed = feed(
    files(),
    { files: port, now: () => 0 },
    { ...state, config: { ...state.config, reads: { roots: [], filters: [] } } },
  );
  expect([port.watches, port.plans.length]).toEqual([1, 1]);
  fed.complete();
  expect([port.watches, fed.isComplete]).toEqual([0, true]);
});

const meta = (name: string, namespace = 'default') => ({
  name,
  namespace,
  uid: `${name}-uid`,
  resourceVersion: '1',
  labels: { 'sluice-project': 'p', 'sluice-resource': 'web' },
});
const objects: Readonly<Record<string, object>> = {
  pods: { apiVersion: 'v1', kind: 'Pod', metadata: meta('web-1'), spec: { containers: [{ name: 'c', image: 'i' }] } },
  services: { apiVersion: 'v1', kind: 'Service', metadata: meta('web'), spec: { ports: [{ port: 80 }] } },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('web'), spec: { replicas: 1 } },
  endpointslices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: meta('web'), endpoints: [] },
  events: {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: meta('e'),
    involvedObject: { kind: 'Pod', name: 'web-1', uid: 'web-1-uid', namespace: 'default' },
    lastTimestamp: '1970-01-01T00:20:00Z',
    reason: 'Pulled',
    message: 'pulled',
  },
};
const watchers = [pods, services, workloads, endpoints, events].map((source) => [source.name, source] as const);

describe.each(watchers)('the watch of %s', (name, source) => {
  const kind = { workloads: 'deployments', endpoints: 'endpointslices' }[name] ?? name;

  /** Of a session with something in two places, as the reducer sees it. */
  function session() {
    const other = kube('api');
    const moved = other.objects.map((each) => ({
      ...each,
      object: { ...each.object, metadata: { ...each.object.metadata, namespace: 'other' } },
    }));
    const it = world(config([kube('web'), { ...other, objects: moved }]))
      .succeeds('web')
      .succeeds('api');
    const fake = fakeKube();
    const ports = { kube: async () => fake.port, logs: memoryLogs(), now: () => 0 } as unknown as Ports;
    const run = (): Fed => feed(source as Feed<Ports>, ports, it.state, (fact: Fact) => void it.put(fact));
    const places = () => [...fake.watches.keys()].filter((each) => each.startsWith(`${kind} `)).sort();
    const events$ = (place: string) => fake.watches.get(`${kind} ${place}`) as Subject<KubeWatchEvent>;
    return { fake, run, places, events$, state: (): EngineState => it.state };
  }
  const first: readonly KubeWatchEvent[] = [
    {
      is: 'listed',
      uids: [`${(objects[kind] as { metadata: { uid: string } }).metadata.uid}`],
      objects: [objects[kind] as never],
    },
    { is: 'health', ok: true, problem: null },
  ];
  const tell = (events$: Subject<KubeWatchEvent>) => {
    for (const event of first) events$.next(event);
  };

  it('goes with the session, and one made anew changes nothing', async () => {
    const { run, places, events$, state } = session();
    const told: EngineState[] = [];
    for (let start = 0; start < 2; start += 1) {
      const fed = run();
      await settled();
      expect(places().length).toBeGreaterThan(0);
      for (const place of places()) tell(events$(place.split(' ')[1] as string));
      fed.complete();
      await expect.poll(() => [places(), fed.isComplete, fed.error]).toEqual([[], true, null]);
      expect(fed.facts.some((fact) => fact.type.endsWith('/seen') || 'news' in fact)).toBe(true);
      told.push(state());
    }
    expect(told[1]).toEqual(told[0]);
  });

  it('what is denied is told of that place alone, and that it is over', async () => {
    const { run, places, events$ } = session();
    const fed = run();
    await settled();
    const [place = ''] = places().map((each) => each.split(' ')[1]);
    const problem = { kind: 'denied', code: 'S310', what: 'not allowed' } as const;
    events$(place).next({ is: 'health', ok: false, problem });
    events$(place).next({ is: 'health', ok: true, problem: null });
    const feedName = `${kind}/${place}`;
    await expect
      .poll(() => fed.facts.filter(({ type }) => type.startsWith('feed/')))
      .toEqual([
        { type: 'feed/failed', feed: feedName, problem, retryAt: null },
        { type: 'feed/healthy', feed: feedName },
      ]);
  });

  it('one that breaks is told and made anew after a pause, and the others go on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
    try {
      const { run, places, events$ } = session();
      const fed = run();
      await vi.advanceTimersByTimeAsync(1);
      const before = places();
      const [place = ''] = before.map((each) => each.split(' ')[1]);
      events$(place).error(new Error('a bug'));
      await vi.advanceTimersByTimeAsync(1);
      expect(places()).toEqual(before.filter((each) => each !== `${kind} ${place}`));
      expect(fed.facts.at(-1)).toMatchObject({ type: 'feed/failed', feed: `watch/${kind}/${place}` });
      await vi.advanceTimersByTimeAsync(1_000);
      expect([places(), fed.error]).toEqual([before, null]);
      fed.complete();
    } finally {
      vi.useRealTimers();
    }
  });
});
