import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../../src/model/config.ts';
import { limits } from '../../src/model/limits.ts';
import type { Ports } from '../../src/model/ports.ts';
import { ProblemError } from '../../src/model/problems/problem.ts';
import { logTails } from '../../src/sources/log-tails.ts';
import { rights } from '../../src/sources/rights.ts';
import { config, container, image, kube, pod, sync, world } from '../engine/world.ts';
import { feed } from '../support/feeds.ts';
import { fakeKube, memoryLogs } from '../support/ports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('rights on pods', () => {
  const session = (allowed: Set<string>) => {
    const asked: string[] = [];
    const create = async ({ spec }: KubeObject): Promise<KubeObject> => {
      const { resourceAttributes } = spec as { resourceAttributes: Record<string, string> };
      const right = `${resourceAttributes.verb} ${resourceAttributes.subresource} ${resourceAttributes.namespace}`;
      asked.push(right);
      return { status: { allowed: allowed.has(right) } } as unknown as KubeObject;
    };
    const port = { host: '127.0.0.1', local: 8080, container: 80 };
    const specs = [kube('web', { ports: [port] }), kube('db', { images: [] })];
    const it = world(config(specs, [image('web', { live: [sync] })]))
      .succeeds('web')
      .succeeds('db');
    const ports = { kube: async () => ({ ...fakeKube().port, create }) } as unknown as Pick<Ports, 'kube'>;
    return { asked, fed: feed(rights, ports, it.state) };
  };

  it('are asked for once for a namespace; each that lacks is told once with what it is for, until it is granted', async () => {
    const allowed = new Set<string>();
    const { asked, fed } = session(allowed);
    await later(0);
    expect(asked.sort()).toEqual(['create exec default', 'create portforward default', 'get log default']);
    expect(
      fed.news().map((fact) => (fact.type === 'feed/failed' ? fact.problem.what.split(':')[0] : fact.type)),
    ).toEqual([
      'the log of web, db cannot be read',
      'the ports of web cannot be reached',
      'containers of web cannot be updated in place',
    ]);
    await later(2 * limits.deniedRetryMs);
    expect(fed.news()).toEqual([]);
    allowed.add('get log default');
    await later(limits.deniedRetryMs);
    expect(fed.news()).toEqual([{ type: 'feed/healthy', feed: 'pods/log/default' }]);
    const before = asked.filter((right) => right.startsWith('get')).length;
    await later(limits.deniedRetryMs);
    expect(asked.filter((right) => right.startsWith('get'))).toHaveLength(before);
  });

  it('that are there are no news', async () => {
    const { fed } = session(new Set(['get log default', 'create portforward default', 'create exec default']));
    await later(limits.deniedRetryMs);
    expect(fed.facts).toEqual([]);
  });
});

it('a log that may not be read is asked for again, and read from its start once it may', async () => {
  const [kube_, logs] = [fakeKube(), memoryLogs()];
  const it = world(config([kube('web')])).succeeds('web');
  const ports = { kube: async () => kube_.port, logs, now: () => it.now } as unknown as Ports;
  const fed = feed(logTails, ports, it.state);
  fed.next(
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { startedAt: it.now })] }) }).state,
  );
  await later(0);
  kube_.tails[0]?.lines$.error(new ProblemError({ kind: 'denied', code: 'S310', what: 'no' }));
  await later(limits.deniedRetryMs);
  expect(kube_.tails.map(({ since }) => since)).toEqual([null, null]);
  kube_.tails[1]?.lines$.next({ at: it.now, text: 'the first line' });
  expect(logs.tailText({ resources: ['web'] }, 5)).toEqual(['the first line']);
});
