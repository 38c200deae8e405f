// Is Docker there? What is told of a daemon that goes while it is listened to, and of one that a run found gone.
import { Subject } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ports } from '../../src/model/ports.ts';
import { docker } from '../../src/sources/docker.ts';
import { config, kube, world } from '../engine/world.ts';
import { feed } from '../support/feeds.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('its end is told when its lifeline breaks, and a run that lost it makes it be looked for anew after the pause it tells', async () => {
  const it = world(config([kube('web')]));
  const lifelines: Subject<never>[] = [];
  const port = {
    info: async () => ({ version: '29', host: 'unix:///x' }),
    lifeline: () => {
      const lifeline$ = new Subject<never>();
      lifelines.push(lifeline$);
      return lifeline$;
    },
  };
  const ports = { docker: async () => port, now: () => it.now } as unknown as Ports;
  const fed = feed(docker, ports, it.state);
  const types = () => fed.facts.map(({ type }) => type);
  await vi.advanceTimersByTimeAsync(10);
  expect(types()).toEqual(['docker/connected']);
  lifelines[0]?.error(new Error('gone'));
  expect(types()).toEqual(['docker/connected', 'docker/failed']);
  await vi.advanceTimersByTimeAsync(1_010);
  expect(types()).toEqual(['docker/connected', 'docker/failed', 'docker/connected']);
  it.fails('web', { kind: 'unavailable', code: 'S204', what: 'lost' });
  fed.next(it.state);
  await vi.advanceTimersByTimeAsync(900);
  expect(types()).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(200);
  expect(types().slice(3)).toEqual(['docker/connected']);
  expect(lifelines.map((lifeline$) => lifeline$.observed)).toEqual([false, false, true]);
  fed.complete();
});

it.each([
  ['unix:///var/run/docker.sock', 2],
  ['tcp://10.0.0.1:2376', 12],
  ['ssh://somebody@elsewhere', 12],
])(
  'one that is pinged all the time is seldom asked anew, one elsewhere as often as a cluster: %s',
  async (host, most) => {
    const it = world(config([kube('web')]));
    let asked = 0;
    const info = async () => {
      asked += 1;
      return { version: '29', host };
    };
    const ports = { docker: async () => ({ info, lifeline: () => new Subject<never>() }), now: () => it.now };
    const fed = feed(docker, ports as unknown as Ports, it.state);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(asked).toBe(most);
    fed.complete();
  },
);
