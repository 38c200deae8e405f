// A way between a client and a server (a port or a socket of Docker) that can be cut, slowed and silenced: what networks, VPNs,
// NATs and dying machines do to connections. Bytes are passed on unread, TLS with them.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { onTestFinished } from 'vitest';

export type Side = 'up' | 'down';

/** One connection that was made through it. */
export interface Strand {
  /** Bytes that the server has sent through it. */
  readonly received: number;
  /** Passes nothing on any more, in these directions; both ends still believe it to be open. */
  stall(...sides: readonly Side[]): void;
  resume(): void;
  reset(): void;
}

export interface Link {
  /** Where clients connect to. */
  readonly port: number;
  /** How many connections have been made through it. */
  readonly made: number;
  /** Open ones, oldest first. */
  readonly strands: readonly Strand[];
  /** All that are open and all that come, until `resume`. */
  stall(...sides: readonly Side[]): void;
  /** What was held back goes on its way. */
  resume(): void;
  /** Ends all that are open; those that come are ended at once, as where nobody listens, until `accept`. */
  refuse(): void;
  accept(): void;
  /** Each new connection is cut off after so many bytes of the server; null: none. */
  cutAfter(bytes: number | null): void;
  /** ms by which each chunk comes later, either way. */
  delay(ms: number): void;
}

export interface LinkEnds {
  /** Of the server: host and port, or a path. */
  readonly to: net.NetConnectOpts;
  /** A path to listen on; else a port of 127.0.0.1. */
  readonly path?: string;
}

export async function link({ to, path }: LinkEnds): Promise<Link> {
  const strands: OpenStrand[] = [];
  let made = 0;
  const rules = { stalled: [] as readonly Side[], isRefusing: false, cutAfter: null as number | null, delayMs: 0 };
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (rules.isRefusing) return void client.destroy();
    const strand = new OpenStrand(client, net.connect({ ...to, allowHalfOpen: true } as net.NetConnectOpts), rules);
    if (rules.stalled.length > 0) strand.stall(...rules.stalled);
    strands.push(strand);
    made += 1;
    client.once('close', () => strands.splice(strands.indexOf(strand), 1));
  });
  if (path) server.listen(path);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const strand of [...strands]) strand.reset();
    server.close();
    if (path) rmSync(path, { force: true });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get made() {
      return made;
    },
    strands,
    stall(...sides) {
      rules.stalled = sides.length > 0 ? sides : ['up', 'down'];
      for (const strand of strands) strand.stall(...rules.stalled);
    },
    resume() {
      rules.stalled = [];
      for (const strand of strands) strand.resume();
    },
    refuse() {
      rules.isRefusing = true;
      for (const strand of [...strands]) strand.reset();
    },
    accept() {
      rules.isRefusing = false;
    },
    cutAfter(bytes) {
      rules.cutAfter = bytes;
    },
    delay(ms) {
      rules.delayMs = ms;
    },
  };
}

class OpenStrand implements Strand {
  received = 0;
  private readonly client: net.Socket;
  private readonly server: net.Socket;
  private readonly stalled = new Set<Side>();

  constructor(
    client: net.Socket,
    server: net.Socket,
    rules: { readonly cutAfter: number | null; readonly delayMs: number },
  ) {
    this.client = client;
    this.server = server;
    const most = rules.cutAfter;
    this.carry(client, server, 'up', rules);
    this.carry(server, client, 'down', rules);
    server.on('data', (chunk) => {
      this.received += chunk.length;
      if (most !== null && this.received >= most) this.reset();
    });
  }

  private carry(from: net.Socket, to: net.Socket, side: Side, rules: { readonly delayMs: number }): void {
    from.on('data', (chunk) => {
      if (rules.delayMs === 0) return void to.write(chunk);
      setTimeout(() => to.write(chunk), rules.delayMs);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    // A stalled side hears nothing of an end either.
    from.on('close', () => {
      if (!this.stalled.has(side)) to.destroy();
    });
  }

  stall(...sides: readonly Side[]): void {
    for (const side of sides.length > 0 ? sides : (['up', 'down'] as const)) {
      this.stalled.add(side);
      (side === 'up' ? this.client : this.server).pause();
    }
  }

  resume(): void {
    this.stalled.clear();
    this.client.resume();
    this.server.resume();
    if (this.client.destroyed) this.server.destroy();
    if (this.server.destroyed) this.client.destroy();
  }

  reset(): void {
    this.client.destroy(new Error('reset'));
    this.server.destroy();
  }
}
