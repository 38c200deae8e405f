// What every NetPort does, the real one and the one in memory.
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNet } from '../../src/adapters/net/index.ts';
import type { NetPort } from '../../src/model/ports.ts';
import { ProblemError } from '../../src/model/problems/problem.ts';
import { eventually, freePort } from '../support/facts.ts';
import { fakeNet } from '../support/ports.ts';

interface Testbed {
  readonly port: NetPort;
  connect(local: number): Duplex;
  /** Somebody else takes the port. */
  take(local: number): Promise<void>;
}

const testbeds: Readonly<Record<string, () => Testbed>> = {
  'the real network': () => ({
    port: createNet(async () => 'node (pid 7)'),
    connect: (local) => createConnection(local, '127.0.0.1').on('error', () => {}),
    take: async (local) => {
      const server = createServer().listen(local, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
    },
  }),
  'the one in memory': () => {
    const port = fakeNet();
    return {
      port,
      connect: (local) => port.connect(local),
      take: async (local) => void port.held.set(local, 'node (pid 7)'),
    };
  },
};

describe.each(Object.entries(testbeds))('%s', (_name, make) => {
  const listen = (it: Testbed, local: number) => {
    const heard: string[] = [];
    const sockets: Duplex[] = [];
    let error: unknown = null;
    const listening = it.port.listen('127.0.0.1', local).subscribe({
      next: (event) => {
        heard.push(event.is);
        if (event.is === 'connection') sockets.push(event.socket);
      },
      error: (thrown) => {
        error = thrown;
      },
    });
    onTestFinished(() => listening.unsubscribe());
    return { heard, sockets, listening, error: () => error };
  };
  const until = (is: () => boolean, what: string) => eventually(() => (is() ? true : null), what, 5_000);

  it('says that it listens, then each connection, and carries bytes both ways', async () => {
    const it = make();
    const local = await freePort();
    const { heard, sockets } = listen(it, local);
    await until(() => heard.length === 1, 'it listens');
    const client = it.connect(local);
    client.write('ping');
    await until(() => sockets.length === 1, 'a connection');
    const [said] = await once(sockets[0] as Duplex, 'data');
    sockets[0]?.write(`${said}-pong`);
    const [answer] = await once(client, 'data');
    expect([String(answer), heard]).toEqual(['ping-pong', ['listening', 'connection']]);
    client.destroy();
  });

  it('a port that is taken is a problem that names who holds it', async () => {
    const it = make();
    const local = await freePort();
    await it.take(local);
    const { error } = listen(it, local);
    await until(() => error() !== null, 'a problem');
    expect(error()).toBeInstanceOf(ProblemError);
    expect((error() as ProblemError).problem).toMatchObject({
      code: 'S430',
      what: `port 127.0.0.1:${local} is taken by node (pid 7)`,
    });
  });

  it('unsubscribing closes it and its connections', async () => {
    const it = make();
    const local = await freePort();
    const { heard, sockets, listening } = listen(it, local);
    await until(() => heard.length === 1, 'it listens');
    it.connect(local);
    await until(() => sockets.length === 1, 'a connection');
    listening.unsubscribe();
    expect(sockets[0]?.destroyed).toBe(true);
    const again = listen(it, local);
    await until(() => again.heard.length === 1, 'the port is free again');
  });

  it('a probe of what is not there says so, and rejects nothing', async () => {
    const { port } = make();
    const local = await freePort();
    const stop = new AbortController().signal;
    expect(await port.tcp('127.0.0.1', local, stop)).toEqual({
      ok: false,
      error: `127.0.0.1:${local}: connection refused`,
    });
    const url = `http://127.0.0.1:${local}/`;
    expect(await port.http(url, stop)).toEqual({ ok: false, error: `${url}: connection refused` });
  });
});
