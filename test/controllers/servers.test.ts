import { describe, expect, it } from 'vitest';
import { servers } from '../../src/controllers/servers.ts';
import type { Ports } from '../../src/model/ports.ts';
import { config, local, world } from '../engine/world.ts';
import { eventually } from '../support/facts.ts';
import { feed, settled } from '../support/feeds.ts';
import { fakeNet, fakeProc, memoryLogs } from '../support/ports.ts';

function session(parts: Parameters<typeof local>[1] = {}, held?: number) {
  const [proc, net, logs] = [fakeProc(), fakeNet(), memoryLogs()];
  if (held !== undefined) proc.held.set(held, 'node (pid 7)');
  const it = world(config([local('web', { cmd: null, serve: 'run me', ...parts })])).succeeds('web');
  const ports = { proc, net, logs, now: Date.now } as unknown as Ports;
  const fed = feed(servers, ports, it.state, (fact) => it.put(fact));
  const next = async () => {
    fed.next(it.state);
    await settled();
  };
  return { proc, net, it, fed, next };
}
const save = (it: ReturnType<typeof session>['it']) => it.save('local:web').succeeds('web');

describe('a server', () => {
  it('runs once its resource was built, and counts as ready when it has not died at once', async () => {
    const { proc, it, next } = session();
    await next();
    expect(proc.alive.map(({ spec }) => spec.cmd)).toEqual(['run me']);
    expect(it.of('web').runtime.status).toBe('pending');
    await eventually(() => (it.of('web').runtime.status === 'ready' ? true : null), 'the server is ready');
  });

  it('never has two generations alive: the old one has ended before the new one starts, one in the middle never starts', async () => {
    const { proc, it, next } = session();
    await next();
    for (let n = 0; n < 3; n++) {
      save(it);
      await next();
    }
    expect(proc.processes.map(({ isAlive, isAsked }) => [isAlive, isAsked])).toEqual([[true, true]]);
    proc.alive[0]?.exit(null, 'SIGTERM');
    await next();
    expect(proc.processes.map(({ isAlive }) => isAlive)).toEqual([false, true]);
    expect(it.server('web').process).toMatchObject({ generation: 4, pid: 1_001 });
  });

  it('that crashes is told with its generation, and one that was asked to end is no crash', async () => {
    const { proc, it, fed, next } = session();
    await next();
    proc.alive[0]?.exit(3);
    expect(fed.facts.at(-1)).toEqual({ type: 'server/exited', resource: 'web', generation: 1, code: 3, signal: null });
    expect(it.of('web').runtime).toMatchObject({ status: 'failed', text: 'crashed' });
    save(it);
    await next();
    save(it);
    await next();
    proc.alive[0]?.exit(null, 'SIGTERM');
    await next();
    expect(fed.facts.map(({ type }) => type).filter((type) => type === 'server/exited')).toHaveLength(1);
    expect(proc.alive).toHaveLength(1);
  });

  it('whose port another program holds is not started, and the message says who that is', async () => {
    const ready = { is: 'http' as const, url: 'http://localhost:7400/', everyMs: 1_000, timeoutMs: 1_000, failures: 3 };
    const taken = session({ ready }, 7400);
    await settled();
    await settled();
    expect(taken.proc.processes).toEqual([]);
    expect(taken.it.of('web').runtime).toMatchObject({
      status: 'failed',
      text: 'cannot start',
      problem: { code: 'S422', what: 'web: port 7400 is taken by node (pid 7)' },
    });
  });

  it('is ready when its probe says so, or when its log does, also where a line comes in pieces', async () => {
    const probed = session({ ready: { is: 'http', url: 'http://x/', everyMs: 1_000, timeoutMs: 1_000, failures: 3 } });
    await probed.next();
    expect(probed.it.of('web').runtime.status).toBe('pending');
    probed.net.answers.set('http://x/', { ok: true, error: '' });
    await eventually(() => (probed.it.of('web').runtime.status === 'ready' ? true : null), 'the probe is heard');
    const logged = session({ ready: { is: 'log', pattern: 'listening on', everyMs: 1, timeoutMs: 1, failures: 1 } });
    await logged.next();
    logged.proc.alive[0]?.say('now liste');
    expect(logged.it.of('web').runtime.status).toBe('pending');
    logged.proc.alive[0]?.say('ning on 80\n');
    expect(logged.it.of('web').runtime.status).toBe('ready');
  });

  it('ends with its resource and with the session, and the feed with it', async () => {
    const { proc, it, fed, next } = session();
    await next();
    it.put({ type: 'session/stop-asked', reason: 'ctrl-c', exitCode: 0 });
    await next();
    expect(proc.alive[0]?.isAsked).toBe(true);
    expect(it.state.phase).toBe('draining');
    proc.alive[0]?.exit(null, 'SIGTERM');
    await settled();
    expect(fed.facts.at(-1)).toEqual({ type: 'server/stopped', resource: 'web', generation: 1 });
    expect(it.state.phase).toBe('stopped');
    fed.complete();
    expect(fed.isComplete).toBe(true);
  });
});
