// What stays open (watches, logs) shares HTTP/2 connections, whose pings are its sign of life: an idle watch says nothing for a
// minute, an idle log nothing at all, and what passes bytes on in between may hold a connection open that leads nowhere.
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';
import { limits } from '../../model/limits.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';

/** What node:http has for an answer, as far as it is read here. */
export interface Answer extends Readable {
  readonly statusCode?: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The end came as the server meant it. */
  readonly complete: boolean;
}

export interface Way {
  /** Base URL. */
  readonly server: string;
  /** Equal for two that may share a connection. */
  readonly id: string;
  readonly tls: ConnectionOptions;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

export interface Streams {
  /** A GET. Null where the server speaks no HTTP/2. Rejects when the connection cannot be made or breaks before the headers. */
  open(way: Way, path: string, headers: Headers): Promise<Opening | null>;
  /** Whatever is open breaks. */
  drop(): void;
}

export interface Opening {
  readonly answer: Promise<Answer>;
  cancel(error: Error): void;
}

class SharedSessions implements Streams {
  private readonly silent: () => void;
  /** By way: those that take more. */
  private readonly sessions = new Map<string, Set<ClientHttp2Session>>();
  private readonly all = new Set<ClientHttp2Session>();
  private readonly opening = new Map<string, Promise<ClientHttp2Session | null>>();
  /** How many streams each carries. */
  private readonly busy = new WeakMap<ClientHttp2Session, number>();
  /** Ways that have no HTTP/2. */
  private readonly old = new Set<string>();
  private dropped = new AbortController();

  constructor(silent: () => void) {
    this.silent = silent;
  }

  async open(way: Way, path: string, headers: Headers): Promise<Opening | null> {
    const session = await this.sessionFor(way);
    if (!session) return null;
    const { busy } = this;
    busy.set(session, (busy.get(session) ?? 0) + 1);
    const stream = session.request({ ...headers, ':path': path }, { endStream: true });
    stream.once('close', () => {
      const left = (busy.get(session) ?? 1) - 1;
      busy.set(session, left);
      if (left === 0) session.close();
    });
    return { answer: answerOf(stream), cancel: (error) => void stream.destroy(error) };
  }

  drop(): void {
    this.dropped.abort();
    this.dropped = new AbortController();
    for (const session of this.all) session.destroy(lost('ECONNRESET'));
  }

  private async sessionFor(way: Way): Promise<ClientHttp2Session | null> {
    if (this.old.has(way.id)) return null;
    const known = [...(this.sessions.get(way.id) ?? [])].find((open) => !open.closed && this.hasRoom(open));
    if (known) return known;
    const made = this.opening.get(way.id) ?? this.connect(way).finally(() => this.opening.delete(way.id));
    this.opening.set(way.id, made);
    const session = await made;
    // Others waited for the same one, and may have filled it.
    return session && !session.closed && !this.hasRoom(session) ? this.sessionFor(way) : session;
  }

  /** A server takes so many streams on one connection; a request beyond would wait, unsaid, until another ends. */
  private hasRoom(session: ClientHttp2Session): boolean {
    const offered = session.remoteSettings?.maxConcurrentStreams ?? limits.kubeStreams;
    return (this.busy.get(session) ?? 0) < Math.min(limits.kubeStreams, offered);
  }

  private async connect(way: Way): Promise<ClientHttp2Session | null> {
    const socket = await handshake(way, this.dropped.signal);
    if (socket.alpnProtocol !== 'h2') {
      this.old.add(way.id);
      socket.destroy();
      return null;
    }
    const session = sessionOn(socket, way.server, this.silent);
    const known = this.sessions.get(way.id) ?? new Set();
    this.sessions.set(way.id, known.add(session));
    this.all.add(session);
    const full = () => void known.delete(session);
    session.on('goaway', full).on('close', full);
    session.on('close', () => this.all.delete(session));
    return session;
  }
}

/** `silent` is told of a connection whose pings are not answered: others that are idle may be no better. */
export const streamsTo = (silent: () => void): Streams => new SharedSessions(silent);

async function handshake({ server, tls: login }: Way, dropped: AbortSignal): Promise<TLSSocket> {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const servername = login.servername ?? (isIP(host) ? undefined : host);
  const socket = tls.connect({
    ...login,
    host,
    port: Number(port || 443),
    ...(servername ? { servername } : {}),
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  const late = () => void socket.destroy(lost('ETIMEDOUT'));
  const timer = setTimeout(late, limits.kubeConnectMs);
  const off = onAbort(dropped, late);
  try {
    await once(socket, 'secureConnect');
    return socket;
  } finally {
    clearTimeout(timer);
    off();
  }
}

/** In the words of the network, from which the message is made. */
const lost = (code: 'ECONNRESET' | 'ETIMEDOUT'): Error => Object.assign(new Error('connection lost'), { code });

function sessionOn(socket: TLSSocket, server: string, silent: () => void): ClientHttp2Session {
  socket.setKeepAlive(true, limits.kubeKeepAliveMs);
  const session = http2.connect(server, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: limits.kubeWindowBytes },
    maxSessionMemory: limits.kubeSessionMegabytes,
  });
  session.on('error', () => {});
  // One log that floods must not keep the others waiting.
  session.once('connect', () => session.setLocalWindowSize(limits.kubeWindowBytes * 16));
  let unanswered = 0;
  const timer = setInterval(() => {
    // One that is closed politely is destroyed before its far end has said goodbye, and is no session any more.
    if (session.destroyed) return clearInterval(timer);
    if (unanswered >= 2) {
      silent();
      session.destroy(lost('ETIMEDOUT'));
      return void socket.destroy();
    }
    unanswered += 1;
    session.ping(() => {
      unanswered = 0;
    });
  }, limits.podPingMs).unref();
  session.once('close', () => clearInterval(timer));
  return session;
}

function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let isWhole = false;
  stream.on('end', () => {
    isWhole = stream.rstCode === http2.constants.NGHTTP2_NO_ERROR;
  });
  return new Promise((resolve, reject) => {
    stream.once('response', ({ ':status': statusCode, ...headers }) => {
      const answer = Object.assign(stream, { statusCode, headers });
      Object.defineProperty(answer, 'complete', { get: () => isWhole });
      resolve(answer as unknown as Answer);
    });
    stream.on('error', reject);
    stream.on('close', () => reject(lost('ECONNRESET')));
  });
}
