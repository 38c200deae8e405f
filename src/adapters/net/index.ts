// The local network: listeners for port-forwards, and one-shot probes.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { Observable } from 'rxjs';
import { hostPort } from '../../model/hosts/address.ts';
import type { NetPort } from '../../model/ports.ts';
import { type Problem, ProblemError } from '../../model/problems/problem.ts';

/** Who listens on a port of this address. */
type HolderOf = (port: number, host: string) => Promise<string | null>;

/** `holderOf` names who listens on a port: for the message when it is taken. */
export function createNet(holderOf: HolderOf): NetPort {
  return { listen: (host, port) => listen(host, port, holderOf), http: get, tcp: connect };
}

type ListenEvent =
  | { readonly is: 'listening'; readonly port: number }
  | { readonly is: 'connection'; readonly socket: net.Socket };

function listen(host: string, port: number, holderOf: HolderOf): Observable<ListenEvent> {
  return new Observable((subscriber) => {
    const sockets = new Set<net.Socket>();
    // Half-open allowed: a client that has sent all it wants still reads the answer.
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      subscriber.next({ is: 'connection', socket });
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      void problemOfListen(error, host, port, holderOf).then((problem) => subscriber.error(new ProblemError(problem)));
    });
    server.listen(port, host, () => {
      const address = server.address();
      subscriber.next({ is: 'listening', port: typeof address === 'object' && address ? address.port : port });
    });
    return () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    };
  });
}

async function problemOfListen(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  holderOf: HolderOf,
): Promise<Problem> {
  if (error.code === 'EADDRINUSE') {
    const holder = (await holderOf(port, host).catch(() => null)) ?? 'another process';
    return {
      kind: 'step',
      code: 'S430',
      what: `port ${hostPort(host, port)} is taken by ${holder}`,
      hint: 'stop it, or forward another local port in sluice.yaml',
    };
  }
  if (error.code === 'EACCES')
    return {
      kind: 'denied',
      code: 'S431',
      what: `no right to listen on ${hostPort(host, port)}`,
      hint: 'ports below 1024 need rights: forward a higher one',
    };
  return {
    kind: 'step',
    code: 'S432',
    what: `cannot listen on ${hostPort(host, port)}: ${error.message}`,
    hint: 'is that an address of this machine?',
  };
}

function get(url: string, stop: AbortSignal): Promise<{ ok: boolean; error: string }> {
  return new Promise((resolve) => {
    const { request } = url.startsWith('https:') ? https : http;
    // Probes of dev servers: their certificates are self-made.
    const asked = request(
      url,
      {
        signal: stop,
        agent: false,
        rejectUnauthorized: false,
        headers: { connection: 'close', 'user-agent': 'sluice-probe' },
      },
      (answer) => {
        const code = answer.statusCode ?? 0;
        answer.destroy();
        resolve({ ok: code >= 200 && code < 400, error: `HTTP ${code} from ${url}` });
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve({ ok: false, error: `${url}: ${said(error)}` }));
    // Whatever an upgrade nobody asked for was, it was no answer.
    asked.on('close', () => resolve({ ok: false, error: `${url}: connection lost` }));
    asked.end();
  });
}

function connect(host: string, port: number, stop: AbortSignal): Promise<{ ok: boolean; error: string }> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, signal: stop } as net.NetConnectOpts);
    socket.once('connect', () => {
      socket.destroy();
      resolve({ ok: true, error: '' });
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ ok: false, error: `${hostPort(host, port)}: ${said(error)}` }),
    );
  });
}

const said = (error: NodeJS.ErrnoException): string =>
  error.name === 'AbortError' || error.code === 'ABORT_ERR'
    ? 'no answer in time'
    : error.code === 'ECONNREFUSED'
      ? 'connection refused'
      : error.message;
