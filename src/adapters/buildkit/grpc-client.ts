// A gRPC client of our own for BuildKit's control API: HTTP/2 over any connection, one call a stream.
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { limits } from '../../model/limits.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { framed, GrpcError, grpcStatus, MessageReader } from './messages.ts';
import { bytesOf, encodeField, fields } from './protobuf.ts';

export type Metadata = Readonly<Record<string, string | string[]>>;

export interface GrpcClient {
  /** One request, the last of the answers. An abort cancels the call at the far end and rejects at once. */
  unary(path: string, request: Uint8Array, stop: AbortSignal): Promise<Uint8Array>;
  /** One request, many answers; resolves when the far end has ended them. */
  listen(path: string, request: Uint8Array, hear: (message: Uint8Array) => void, stop: AbortSignal): Promise<void>;
  /** Bytes both ways, each chunk a message with the bytes in its field 1. */
  tunnel(path: string, metadata: Metadata): Duplex;
  close(): void;
}

/** The far end speaks HTTP/2 at once. Silence of two pings breaks the connection. */
export function grpcClient(connection: Duplex): GrpcClient {
  const session = http2.connect('http://localhost', {
    createConnection: () => connection,
    settings: { enablePush: false, initialWindowSize: limits.kubeWindowBytes },
  });
  session.on('error', () => {});
  connection.on('error', () => {});
  const silence = watched(session);
  const open = (path: string, metadata: Metadata = {}): ClientHttp2Stream =>
    session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'sluice',
      ...metadata,
    });
  const listen: GrpcClient['listen'] = async (path, request, hear, stop) => {
    stop.throwIfAborted();
    const stream = open(path);
    const off = onAbort(stop, () => stream.close(http2.constants.NGHTTP2_CANCEL));
    try {
      stream.end(framed([request]));
      await answered(stream, hear);
    } finally {
      off();
    }
    stop.throwIfAborted();
  };
  return {
    listen,
    unary: async (path, request, stop) => {
      let answer = new Uint8Array() as Uint8Array;
      await listen(path, request, (message) => (answer = message), stop);
      return answer;
    },
    tunnel: (path, metadata) => tunnelOver(open(path, metadata)),
    close: () => {
      clearInterval(silence);
      session.destroy();
      connection.destroy();
    },
  };
}

/** A peer whose machine is gone says nothing, and its connection stays open for hours. */
function watched(session: ClientHttp2Session): NodeJS.Timeout {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (session.destroyed) return clearInterval(timer);
    if (unanswered >= 2) return void session.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' }));
    unanswered += 1;
    session.ping(() => {
      unanswered = 0;
    });
  }, limits.podPingMs).unref();
  return timer;
}

/** Resolves with the call's status OK; rejects with GrpcError for any other, with the connection's error where it breaks. */
function answered(stream: ClientHttp2Stream, hear: (message: Uint8Array) => void): Promise<void> {
  const reader = new MessageReader();
  let status: string | undefined;
  let message = '';
  const note = (headers: http2.IncomingHttpHeaders): void => {
    status = headers['grpc-status'] === undefined ? status : String(headers['grpc-status']);
    message = decoded(String(headers['grpc-message'] ?? message));
  };
  return new Promise((resolve, reject) => {
    stream.on('response', (headers) => {
      note(headers);
      if (headers[':status'] !== 200) message ||= `HTTP ${headers[':status']}`;
    });
    stream.on('trailers', note);
    stream.on('error', reject);
    stream.on('data', (chunk: Buffer) => {
      try {
        for (const each of reader.take(chunk)) hear(each);
      } catch (error) {
        stream.close(http2.constants.NGHTTP2_CANCEL);
        reject(error);
      }
    });
    stream.on('close', () => {
      if (status === '0') return resolve();
      if (status === undefined && message === '')
        return reject(Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' }));
      reject(new GrpcError(Number(status ?? grpcStatus.unknown), message));
    });
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tunnelOver(stream: ClientHttp2Stream): Duplex {
  const reader = new MessageReader();
  const duplex = new Duplex({
    read: () => void stream.resume(),
    write: (chunk: Buffer, _encoding, done) => void stream.write(framed([encodeField(1, chunk)]), done),
    final: (done) => void stream.end(done),
    destroy: (error, done) => {
      stream.close(http2.constants.NGHTTP2_CANCEL);
      done(error);
    },
  });
  stream.on('data', (chunk: Buffer) => {
    try {
      for (const message of reader.take(chunk))
        for (const { no, value } of fields(message))
          if (no === 1 && !duplex.push(Buffer.from(bytesOf(value)))) stream.pause();
    } catch (error) {
      duplex.destroy(error as Error);
    }
  });
  stream.on('error', (error) => duplex.destroy(error));
  stream.on('end', () => void duplex.push(null));
  stream.on('close', () => duplex.destroy());
  return duplex;
}
