// A socket in front of the daemon that can be cut.
import net from 'node:net';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { onTestFinished } from 'vitest';
import { dockerHost } from '../../support/capability.ts';
import { tempProject } from '../../support/temp.ts';

export interface Cuttable {
  readonly DOCKER_HOST: string;
  /** Drops every connection, as a daemon that is killed. */
  cut(): void;
  /** Refuses new connections, and takes them again. */
  away(): Promise<void>;
  back(): Promise<void>;
  /** Passes nothing on to the daemon from now on, until what is returned is called. */
  hold(): () => void;
  /** All that came back through it. */
  said(): string;
}

export async function cuttableDaemon(): Promise<Cuttable> {
  const path = join(tempProject(), 'docker.sock');
  const open = new Set<net.Socket>();
  const said: Buffer[] = [];
  let holding = Promise.resolve();
  const hold = () => {
    let go = () => {};
    holding = new Promise((resolve) => {
      go = resolve;
    });
    return () => go();
  };
  let server: net.Server;
  const back = () =>
    new Promise<void>((resolve) => {
      server = net.createServer({ allowHalfOpen: true }, (peer) => {
        const daemon = net.connect({ path: new URL(dockerHost).pathname, allowHalfOpen: true });
        for (const socket of [peer, daemon])
          open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
        daemon.on('data', (chunk) => said.push(chunk));
        const passing = new Transform({ transform: (chunk, _, done) => void holding.then(() => done(null, chunk)) });
        peer.pipe(passing).pipe(daemon).pipe(peer);
      });
      server.listen(path, resolve);
    });
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const away = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      cut();
    });
  await back();
  onTestFinished(away);
  return { DOCKER_HOST: `unix://${path}`, cut, away, back, hold, said: () => Buffer.concat(said).toString() };
}
