// A socket in front of the daemon that can be cut.
import net from 'node:net';
import { join } from 'node:path';
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
}

export async function cuttableDaemon(): Promise<Cuttable> {
  const path = join(tempProject(), 'docker.sock');
  const open = new Set<net.Socket>();
  let server: net.Server;
  const back = () =>
    new Promise<void>((resolve) => {
      server = net.createServer({ allowHalfOpen: true }, (peer) => {
        const daemon = net.connect({ path: new URL(dockerHost).pathname, allowHalfOpen: true });
        for (const socket of [peer, daemon])
          open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
        peer.pipe(daemon).pipe(peer);
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
  return { DOCKER_HOST: `unix://${path}`, cut, away, back };
}
