// A WebSocket to a pod: handshake errors with the server's own words, dead peers found, nothing piled up on either side.
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { limits } from '../../model/limits.ts';
import { abortError, ProblemError } from '../../model/problems/problem.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import type { Access } from './access/access.ts';
import type { CallSubject } from './failure.ts';
import { connectionProblem, expired, failure, statusOf, statusProblem } from './failure.ts';
import { type KubeHttp, queryText, readBody } from './http.ts';

export interface PodSocket {
  /** The subprotocol agreed on. */
  readonly protocol: string;
  /** Binary messages: channel number, then data. Set before the first turn of the loop after opening. */
  onFrame: (channel: number, data: Buffer) => void;
  /** Once, when the connection is over. `clean` when the server said goodbye. */
  onClose: (clean: boolean) => void;
  /** Sends; `done` is called when the kernel has taken it, which is the back-pressure. */
  send(channel: number, data: Buffer, done: (error?: Error | null) => void): void;
  pause(): void;
  resume(): void;
  drop(): void;
}

export interface SocketRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Best first. */
  readonly protocols: readonly string[];
  readonly subject: CallSubject;
}

async function handshake(
  http: KubeHttp,
  request: SocketRequest,
  stop: AbortSignal,
  line: AbortSignal,
): Promise<WebSocket> {
  const { server } = http.access;
  const { agent, headers } = await http.access.credentials();
  if (stop.aborted || http.closed.aborted) throw abortError();
  const socket = new WebSocket(
    `${server.replace(/^http/, 'ws')}${request.path}${queryText(request.query)}`,
    [...request.protocols],
    {
      agent,
      headers: headers as Record<string, string>,
      handshakeTimeout: limits.kubeCallMs,
      maxPayload: limits.podFrameMaxBytes,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    },
  );
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      off();
      reject(error);
      socket.terminate();
    };
    const stopped = onAbort([stop, http.closed], () => fail(abortError()));
    const unheard = onAbort([line], () => fail(new ProblemError(connectionProblem({ code: 'ETIMEDOUT' }, server))));
    const off = () => {
      stopped();
      unheard();
    };
    socket.on('error', (error) => fail(new ProblemError(connectionProblem(error, server))));
    socket.on('unexpected-response', async (_sent, response: IncomingMessage) => {
      const body = await readBody(response, limits.kubeErrorBytes).catch(() => Buffer.alloc(0));
      const code = response.statusCode ?? 0;
      const end = code === 401 ? http.access.certificateEnd() : null;
      const refused =
        end === null ? new ProblemError(statusProblem(request.subject, statusOf(body.toString(), code))) : expired(end);
      fail(Object.assign(refused, { httpStatus: code }));
    });
    socket.on('open', () => {
      off();
      // Frames may follow the handshake in the same packet: held until the caller has set its handlers.
      socket.pause();
      resolve(socket);
    });
  });
}

/**
 * Two pings without an answer end the connection, and those that are idle: they may be no better. While we hold reading back, answers cannot be seen; whatever else comes is as
 * good as an answer, and so is what the far end still takes from us: a ping waits behind it.
 */
function watchPulse(socket: WebSocket, access: Access): () => void {
  let unanswered = 0;
  let unsent = 0;
  const alive = () => {
    unanswered = 0;
  };
  socket.on('pong', alive);
  socket.on('message', alive);
  const timer = setInterval(() => {
    if (socket.isPaused) return;
    if (socket.bufferedAmount < unsent) alive();
    unsent = socket.bufferedAmount;
    if (unanswered >= 2) {
      access.closeIdle();
      return socket.terminate();
    }
    unanswered += 1;
    socket.ping();
  }, limits.podPingMs).unref();
  return () => clearInterval(timer);
}

function podSocket(socket: WebSocket, http: KubeHttp, line: AbortSignal): PodSocket {
  const stopPulse = watchPulse(socket, http.access);
  const off = onAbort([http.closed, line], () => socket.terminate());
  const result: PodSocket = {
    protocol: socket.protocol,
    onFrame: () => {},
    onClose: () => {},
    send(channel, data, done) {
      const frame = Buffer.allocUnsafe(data.length + 1);
      frame[0] = channel;
      data.copy(frame, 1);
      socket.send(frame, { binary: true }, done);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    drop: () => socket.terminate(),
  };
  socket.on('message', (data: Buffer) => {
    if (data.length > 0) result.onFrame(data[0]!, data.subarray(1));
  });
  socket.removeAllListeners('error').on('error', () => {});
  socket.on('close', (code) => {
    stopPulse();
    off();
    result.onClose(code === 1000 || code === 1005);
  });
  setImmediate(() => socket.resume());
  return result;
}

/** Rejects with the problem the server names, `unavailable` when there is none, or an AbortError. */
export async function openSocket(http: KubeHttp, request: SocketRequest, stop: AbortSignal): Promise<PodSocket> {
  const opened = async (): Promise<PodSocket> => {
    const { line } = http;
    return podSocket(await handshake(http, request, stop, line), http, line);
  };
  try {
    return await opened();
  } catch (error) {
    if ((error as { httpStatus?: number }).httpStatus !== 401 || !http.access.renew()) throw error;
    return opened();
  }
}

export const lostConnection = (what: string): ProblemError =>
  failure(
    'unavailable',
    'S321',
    `connection to ${what} was lost`,
    'it is made anew when the pod and the cluster can be reached',
  );
