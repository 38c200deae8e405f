// One HTTP client for one cluster: node:https on one keep-alive agent, JSON in and out untouched. client-node's object
// API drops every field its model does not know (a NetworkPolicy's `from` became allow-all), so it never sees a body.
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../model/limits.ts';
import { abortError, isAbort, isProblemError, ProblemError } from '../../model/problems/problem.ts';
import { jsonText, parseJson } from '../../model/text/json.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import type { Access, Credentials } from './access/access.ts';
import type { CallSubject } from './failure.ts';
import { connectionProblem, expired, failure, refusedBy, statusOf } from './failure.ts';
import { warningsOf } from './objects/warnings.ts';
import { type Answer, type Streams, streamsTo } from './streams.ts';

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Starts with a slash, its parts encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly subject: CallSubject;
  /** Hears each warning that comes with the answer, a refusal included. */
  readonly warn?: ((text: string) => void) | undefined;
  /** A sign of life: all of it, connecting and answer, within limits.kubeConnectMs. */
  readonly isPulse?: boolean;
  /** It stays open as long as it is read: by HTTP/2 where the server has it. */
  readonly stays?: boolean;
}

export interface KubeHttp {
  readonly access: Access;
  /** Raised by `close`. */
  readonly closed: AbortSignal;
  /** Raised when the connections made until then are given up; another one from then on. */
  readonly line: AbortSignal;
  /** Nobody answers any more: what is under way on any connection breaks, and what comes next connects anew. */
  giveUp(): void;
  /** Raised when the cluster answers after it was given up; another one from then on. */
  readonly back: AbortSignal;
  /** It has answered. */
  answered(): void;
  /** The response of a 2xx answer, body unread, without a limit in time. Other answers reject as problems. */
  open(request: KubeRequest, stop: AbortSignal): Promise<Answer>;
  /** The whole answer, parsed; within `limits.kubeCallMs`. */
  json(request: KubeRequest, stop: AbortSignal): Promise<unknown>;
  close(): void;
}

export function queryText(query: KubeRequest['query'] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of value === undefined ? [] : [value].flat()) params.append(name, one);
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** A broken connection as an error of ours; problems and aborts pass. */
export const asProblem = (error: unknown, server: string): Error =>
  isProblemError(error) || isAbort(error) ? (error as Error) : new ProblemError(connectionProblem(error, server));

export function readBody(response: Answer, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) response.destroy(failure('step', 'S311', `answer of the cluster is larger than ${most} bytes`));
      else chunks.push(chunk);
    });
    response.on('end', () =>
      response.complete ? resolve(Buffer.concat(chunks)) : reject(new Error('connection lost')),
    );
    response.on('error', reject);
  });
}

/** The whole body within `ms`, given up when one of `stops` is raised. */
async function readWithin(
  response: Answer,
  most: number,
  stops: readonly AbortSignal[],
  ms: number = limits.kubeCallMs,
): Promise<string> {
  const timer = setTimeout(() => response.destroy(new Error('no answer')), ms);
  const off = onAbort(stops, () => response.destroy(abortError()));
  try {
    return (await readBody(response, most)).toString();
  } finally {
    clearTimeout(timer);
    off();
  }
}

const isReset = (error: unknown): boolean => /^(ECONNRESET|EPIPE)$/.test((error as NodeJS.ErrnoException)?.code ?? '');

const silent = (server: string, ms: number): ProblemError =>
  failure('unavailable', 'S303', `cluster at ${server} gives no answer within ${ms / 1000} s`, 'is the VPN up?');

/** Sends and waits for the headers. What is raised as `line` ends the connection at any time, also while the body is read. */
function send(
  access: Access,
  { agent, headers }: Credentials,
  request: KubeRequest,
  stops: readonly AbortSignal[],
  line: AbortSignal,
) {
  const { method = 'GET', path, query, body, contentType = 'application/json', isPulse = false } = request;
  const payload = body === undefined ? null : Buffer.from(jsonText(body));
  const url = new URL(access.server + path + queryText(query));
  const outgoing: http.OutgoingHttpHeaders = { Accept: 'application/json', 'User-Agent': 'sluice' };
  for (const [name, value] of Object.entries(headers)) outgoing[name] = typeof value === 'string' ? value : [...value];
  if (payload) Object.assign(outgoing, { 'Content-Type': contentType, 'Content-Length': payload.length });
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = (url.protocol === 'http:' ? http : https).request(url, { method, agent, headers: outgoing });
    const late = (ms: number) => () => sent.destroy(silent(access.server, ms));
    let timer = setTimeout(late(limits.kubeConnectMs), limits.kubeConnectMs);
    const off = onAbort(stops, () => sent.destroy(abortError()));
    const unheard = onAbort([line], () => sent.destroy(silent(access.server, limits.kubeConnectMs)));
    const settled = () => {
      clearTimeout(timer);
      off();
    };
    const connected = () => {
      if (isPulse) return;
      clearTimeout(timer);
      timer = setTimeout(late(limits.kubeCallMs), limits.kubeCallMs);
    };
    sent.on('socket', (socket) => {
      socket.setKeepAlive(true, limits.kubeKeepAliveMs);
      if (sent.reusedSocket) connected();
      else socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', connected);
    });
    sent.on('response', (response) => {
      settled();
      resolve(response);
    });
    sent.on('error', (error) => {
      settled();
      reject(sent.reusedSocket && isReset(error) ? Object.assign(error, { stale: true }) : error);
    });
    // An answer that is none (an upgrade nobody asked for) ends the connection without an error.
    sent.on('close', () => {
      settled();
      unheard();
      reject(new Error('connection lost'));
    });
    sent.end(payload ?? undefined);
  });
}

/** The same for what stays open. Null where it cannot be had so. */
async function sendLasting(
  streams: Streams,
  { way, headers }: Credentials,
  { path, query }: KubeRequest,
  stops: readonly AbortSignal[],
): Promise<Answer | null> {
  const plain = { Accept: 'application/json', 'User-Agent': 'sluice', ...headers };
  const opening = way && (await streams.open(way, path + queryText(query), plain));
  if (!opening) return null;
  const ms = limits.kubeCallMs;
  const timer = setTimeout(() => opening.cancel(silent(way.server, ms)), ms);
  const off = onAbort(stops, () => opening.cancel(abortError()));
  try {
    return await opening.answer;
  } finally {
    clearTimeout(timer);
    off();
  }
}

class Connection implements KubeHttp {
  readonly access: Access;
  private readonly closing = new AbortController();
  private readonly streams: Streams;
  private onLine = new AbortController();
  private onBack = new AbortController();
  private isGone = false;

  constructor(access: Access) {
    this.access = access;
    this.streams = streamsTo(() => access.closeIdle());
  }

  get closed(): AbortSignal {
    return this.closing.signal;
  }

  get line(): AbortSignal {
    return this.onLine.signal;
  }

  giveUp(): void {
    const before = this.onLine;
    this.isGone = true;
    this.onLine = new AbortController();
    this.access.closeIdle();
    this.streams.drop();
    before.abort();
  }

  get back(): AbortSignal {
    return this.onBack.signal;
  }

  answered(): void {
    if (!this.isGone) return;
    const before = this.onBack;
    this.isGone = false;
    this.onBack = new AbortController();
    before.abort();
  }

  async open(request: KubeRequest, stop: AbortSignal): Promise<Answer> {
    const stops = [stop, this.closed];
    try {
      let response = await this.patiently(request, stops);
      if (response.statusCode === 401 && this.access.renew()) {
        await readWithin(response, limits.kubeErrorBytes, stops);
        response = await this.patiently(request, stops);
      }
      if (request.warn) warningsOf(response).forEach(request.warn);
      const code = response.statusCode ?? 0;
      if (code >= 200 && code < 300) return response;
      const body = await readWithin(response, limits.kubeErrorBytes, stops);
      const end = code === 401 ? this.access.certificateEnd() : null;
      throw end === null ? refusedBy(request.subject, statusOf(body, code)) : expired(end);
    } catch (error) {
      throw stops.some((one) => one.aborted) ? abortError() : asProblem(error, this.access.server);
    }
  }

  async json(request: KubeRequest, stop: AbortSignal): Promise<unknown> {
    const response = await this.open(request, stop);
    try {
      const ms = request.isPulse ? limits.kubeConnectMs : limits.kubeCallMs;
      const body = await readWithin(response, limits.kubeBodyBytes, [stop, this.closed], ms);
      return body === '' ? null : parseJson(body);
    } catch (error) {
      throw asProblem(error, this.access.server);
    }
  }

  close(): void {
    this.closing.abort();
    this.streams.drop();
    this.access.close();
  }

  /** One that is too busy has done nothing yet, and says when to come again; as client-go does. */
  private async patiently(request: KubeRequest, stops: readonly AbortSignal[]): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const response = await this.attempt(request, stops);
      const seconds = Number(response.headers['retry-after']);
      if (response.statusCode !== 429 || !(seconds >= 0) || tries >= limits.kubeBusyTries) return response;
      response.resume();
      await sleep(Math.min(seconds * 1_000, limits.kubeBusyMs), undefined, { signal: AbortSignal.any([...stops]) });
    }
  }

  private async attempt(request: KubeRequest, stops: readonly AbortSignal[]): Promise<Answer> {
    const credentials = await this.access.credentials();
    if (stops.some((stop) => stop.aborted)) throw abortError();
    const lasting = request.stays ? await sendLasting(this.streams, credentials, request, stops) : null;
    if (lasting) return lasting;
    try {
      return await send(this.access, credentials, request, stops, this.line);
    } catch (error) {
      // The server closed an idle connection just as we used it. Everything but POST may be sent twice.
      if ((error as { stale?: true }).stale && request.method !== 'POST')
        return send(this.access, credentials, request, stops, this.line);
      throw error;
    }
  }
}

export const kubeHttp = (access: Access): KubeHttp => new Connection(access);
