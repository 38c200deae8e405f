// One HTTP client for one cluster: node:https on one keep-alive agent, JSON in and out untouched. client-node's object
// API drops every field its model does not know (a NetworkPolicy's `from` became allow-all), so it never sees a body.
import http from 'node:http';
import https from 'node:https';
import { jsonText, parseJson } from '../../model/json.ts';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problem.ts';
import type { Access, Credentials } from './access.ts';
import type { CallSubject } from './failure.ts';
import { connectionProblem, failure, refusedBy, statusOf } from './failure.ts';
import { warningsOf } from './warnings.ts';

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
}

export interface KubeHttp {
  readonly access: Access;
  /** Raised by `close`. */
  readonly closed: AbortSignal;
  /** The response of a 2xx answer, body unread, without a limit in time. Other answers reject as problems. */
  open(request: KubeRequest, stop: AbortSignal): Promise<http.IncomingMessage>;
  /** The whole answer, parsed; within `limits.kubeCallMs`. */
  json(request: KubeRequest, stop: AbortSignal): Promise<unknown>;
  close(): void;
}

export const abortError = (): Error => new DOMException('The operation was aborted', 'AbortError');

/** Calls `then` once when any of the signals is raised; the result takes the listeners away again. */
export function onAbort(signals: readonly AbortSignal[], then: () => void): () => void {
  const off = () => {
    for (const signal of signals) signal.removeEventListener('abort', fire);
  };
  const fire = () => {
    off();
    then();
  };
  for (const signal of signals) signal.addEventListener('abort', fire);
  if (signals.some((signal) => signal.aborted)) queueMicrotask(fire);
  return off;
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
  error instanceof ProblemError || (error as Error)?.name === 'AbortError'
    ? (error as Error)
    : new ProblemError(connectionProblem(error, server));

export function readBody(response: http.IncomingMessage, most: number): Promise<Buffer> {
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

/** The whole body within `limits.kubeCallMs`, given up when one of `stops` is raised. */
async function readWithin(
  response: http.IncomingMessage,
  most: number,
  stops: readonly AbortSignal[],
): Promise<string> {
  const timer = setTimeout(() => response.destroy(new Error('no answer')), limits.kubeCallMs);
  const off = onAbort(stops, () => response.destroy(abortError()));
  try {
    return (await readBody(response, most)).toString();
  } finally {
    clearTimeout(timer);
    off();
  }
}

const isReset = (error: unknown): boolean => /^(ECONNRESET|EPIPE)$/.test((error as NodeJS.ErrnoException)?.code ?? '');

/** Sends and waits for the headers. */
function send(access: Access, { agent, headers }: Credentials, request: KubeRequest, stops: readonly AbortSignal[]) {
  const { method = 'GET', path, query, body, contentType = 'application/json' } = request;
  const payload = body === undefined ? null : Buffer.from(jsonText(body));
  const url = new URL(access.server + path + queryText(query));
  const outgoing: http.OutgoingHttpHeaders = { Accept: 'application/json', 'User-Agent': 'sluice' };
  for (const [name, value] of Object.entries(headers)) outgoing[name] = typeof value === 'string' ? value : [...value];
  if (payload) Object.assign(outgoing, { 'Content-Type': contentType, 'Content-Length': payload.length });
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = (url.protocol === 'http:' ? http : https).request(url, { method, agent, headers: outgoing });
    const late = (ms: number) => () =>
      sent.destroy(
        failure(
          'unavailable',
          'S303',
          `cluster at ${access.server} gives no answer within ${ms / 1000} s`,
          'is the VPN up?',
        ),
      );
    let timer = setTimeout(late(limits.kubeConnectMs), limits.kubeConnectMs);
    const off = onAbort(stops, () => sent.destroy(abortError()));
    const settled = () => {
      clearTimeout(timer);
      off();
    };
    const connected = () => {
      clearTimeout(timer);
      timer = setTimeout(late(limits.kubeCallMs), limits.kubeCallMs);
    };
    sent.on('socket', (socket) => {
      socket.setKeepAlive(true, 30_000);
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
      reject(new Error('connection lost'));
    });
    sent.end(payload ?? undefined);
  });
}

export function kubeHttp(access: Access): KubeHttp {
  const closing = new AbortController();

  const attempt = async (request: KubeRequest, stops: readonly AbortSignal[]): Promise<http.IncomingMessage> => {
    const credentials = await access.credentials();
    if (stops.some((stop) => stop.aborted)) throw abortError();
    try {
      return await send(access, credentials, request, stops);
    } catch (error) {
      // The server closed an idle connection just as we used it. Everything but POST may be sent twice.
      if ((error as { stale?: true }).stale && request.method !== 'POST')
        return send(access, credentials, request, stops);
      throw error;
    }
  };

  const open = async (request: KubeRequest, stop: AbortSignal): Promise<http.IncomingMessage> => {
    const stops = [stop, closing.signal];
    try {
      let response = await attempt(request, stops);
      if (response.statusCode === 401 && access.renew()) {
        await readWithin(response, limits.kubeErrorBytes, stops);
        response = await attempt(request, stops);
      }
      if (request.warn) warningsOf(response).forEach(request.warn);
      const code = response.statusCode ?? 0;
      if (code >= 200 && code < 300) return response;
      const body = await readWithin(response, limits.kubeErrorBytes, stops);
      throw refusedBy(request.subject, statusOf(body, code));
    } catch (error) {
      throw stops.some((one) => one.aborted) ? abortError() : asProblem(error, access.server);
    }
  };

  const json = async (request: KubeRequest, stop: AbortSignal): Promise<unknown> => {
    const response = await open(request, stop);
    try {
      const body = await readWithin(response, limits.kubeBodyBytes, [stop, closing.signal]);
      return body === '' ? null : parseJson(body);
    } catch (error) {
      throw asProblem(error, access.server);
    }
  };

  return {
    access,
    closed: closing.signal,
    open,
    json,
    close() {
      closing.abort();
      access.close();
    },
  };
}
