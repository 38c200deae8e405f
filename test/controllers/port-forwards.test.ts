import { once } from 'node:events';
import { createConnection, createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNet } from '../../src/adapters/net/index.ts';
import { portForwards } from '../../src/controllers/port-forwards.ts';
import { populate } from '../../src/engine/wanted/forwards.ts';
import { ProblemError } from '../../src/model/problems/problem.ts';
import { config, container, kube, pod, world } from '../engine/world.ts';
import { eventually, freePort } from '../support/facts.ts';
import { feed, settled } from '../support/feeds.ts';
import { fakeKube } from '../support/ports.ts';

/** A program in a pod: answers each connection with its name and what it was told. */
function program(name: string, port: number): Promise<Server> {
  const server = createServer((socket) =>
    socket.on('data', (said) => socket.end(`${name}: ${said}`)).on('error', () => {}),
  );
  onTestFinished(() => void server.close());
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

async function session(containerPort: number | null = 80) {
  const [local, remote] = [await freePort(), await freePort()];
  const kube_ = fakeKube();
  kube_.dial = async (): Promise<Duplex> => createConnection(remote, '127.0.0.1');
  const spec = kube('web', { images: [], ports: [{ host: '127.0.0.1', local, container: containerPort }] });
  const it = world(config([spec])).succeeds('web');
  const ports = { kube: async () => kube_.port, net: createNet(async () => 'somebody'), now: Date.now };
  const fed = feed(portForwards, ports, it.state, (fact) => it.put(fact));
  const see = (parts: Parameters<typeof pod>[1] = {}) => {
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { ports: [80] })], ...parts }) });
    fed.next(it.state);
  };
  const is = (status: string) =>
    eventually(
      () => (it.kube('web').forwards[`127.0.0.1:${local}`]?.status === status ? true : null),
      `forward is ${status}`,
    );
  const ask = async (text: string): Promise<string> => {
    const socket = createConnection(local, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(text);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    return answer;
  };
  return { it, fed, see, is, ask, local, remote, kube: kube_ };
}

describe('a port-forward', () => {
  it('listens before there is a pod; a connection waits for it', async () => {
    const forward = await session();
    await forward.is('waiting');
    const answer = forward.ask('hello');
    await program('one', forward.remote);
    forward.see();
    expect(await answer).toBe('one: hello');
    await forward.is('listening');
  });

  it('outlives pods: what is asked during a redeploy is answered by the new one', async () => {
    const forward = await session();
    forward.see({ uid: 'old' });
    await forward.is('listening');
    forward.see({ uid: 'old', deleting: true });
    await forward.is('waiting');
    const answer = forward.ask('are you new?');
    await program('two', forward.remote);
    forward.see({ uid: 'new', name: 'web-new' });
    expect(await answer).toBe('two: are you new?');
    const told = forward.fed.facts.map((fact) =>
      fact.type === 'forward/changed' ? `${fact.status} ${fact.to}` : fact.type,
    );
    expect(told).toEqual(['listening web-abc:80', 'waiting ', 'listening web-new:80']);
  });

  it('says again what was said to a program that was just being restarted', async () => {
    const forward = await session();
    forward.see();
    await forward.is('listening');
    const answer = forward.ask('once more');
    await settled();
    await program('three', forward.remote);
    expect(await answer).toBe('three: once more');
  });

  it('stays when the cluster is out of reach for a moment, goes with its resource and with the session', async () => {
    const forward = await session();
    await forward.is('waiting');
    const away = { kind: 'unavailable' as const, code: 'S303', what: 'away' };
    forward.it.put({ type: 'cluster/failed', problem: away, retryAt: null });
    forward.fed.next(forward.it.state);
    const socket = createConnection(forward.local, '127.0.0.1');
    await once(socket, 'connect');
    forward.it.put({ type: 'user/asked', action: { do: 'disable', resource: 'web' }, by: 'tui' });
    forward.fed.next(forward.it.state);
    await once(
      socket.resume().on('error', () => {}),
      'close',
    );
    expect(forward.it.kube('web').forwards).toEqual({});
    forward.fed.complete();
    await settled();
    expect(forward.fed.isComplete).toBe(true);
  });

  it('to a port where nobody listens is told of, and that somebody does again', async () => {
    const forward = await session();
    const real = forward.kube.dial;
    forward.kube.dial = () => {
      const what = 'port 80 of pod web-abc cannot be reached: connection refused';
      return Promise.reject(new ProblemError({ kind: 'unavailable', code: 'S322', what }));
    };
    forward.see();
    await forward.is('listening');
    const answer = forward.ask('anybody?');
    await forward.is('failed');
    const told = () => forward.it.kube('web').forwards[`127.0.0.1:${forward.local}`]?.problem?.what;
    expect(told()).toContain('connection refused');
    forward.kube.dial = real;
    await program('one', forward.remote);
    expect(await answer).toBe('one: anybody?');
    await forward.is('listening');
    expect(told()).toBeUndefined();
  });

  it('that cannot be filled is dropped with a warning until a pod declares a port', async () => {
    const forward = await session(null);
    forward.see({ containers: [container('web')] });
    await forward.is('failed');
    expect(forward.it.kube('web').forwards[`127.0.0.1:${forward.local}`]?.problem).toMatchObject({ code: 'S364' });
    const [refused] = await once(createConnection(forward.local, '127.0.0.1'), 'error');
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    forward.see({ uid: 'b', createdAt: 2_000 });
    await forward.is('listening');
  });

  it('on a port that is taken names who holds it', async () => {
    const forward = await session();
    await forward.is('waiting');
    const second = kube('web', { images: [], ports: [{ host: '127.0.0.1', local: forward.local, container: 80 }] });
    const it = world(config([second])).succeeds('web');
    const ports = { kube: async () => forward.kube.port, net: createNet(async () => 'node (pid 7)'), now: Date.now };
    const fed = feed(portForwards, ports, it.state);
    await eventually(() => (fed.facts.length > 0 ? true : null), 'the forward failed');
    expect(fed.facts).toMatchObject([
      { status: 'failed', problem: { code: 'S430', what: `port 127.0.0.1:${forward.local} is taken by node (pid 7)` } },
    ]);
  });
});

describe('a forward without a container port', () => {
  it('gets the declared port equal to the local one, else the first, else none', () => {
    const port = (local: number) => ({ host: '127.0.0.1', local, container: null });
    const declares = (...ports: number[]) => pod('web', { containers: [container('web', { ports })] });
    expect(populate(port(9000), declares(80, 9000))).toBe(9000);
    expect(populate(port(1), declares(80, 9000))).toBe(80);
    expect(populate(port(1), declares())).toBe(null);
    expect(populate({ ...port(1), container: 5 }, declares(80))).toBe(5);
  });
});
