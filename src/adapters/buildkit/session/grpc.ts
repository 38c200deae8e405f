// A gRPC server of our own for BuildKit's session: HTTP/2 on a hijacked connection, unary and streaming calls.
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { GrpcError, grpcStatus, MessageReader, sendMessages } from '../messages.ts';

export interface GrpcCall {
  readonly metadata: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly messages: AsyncIterable<Uint8Array>;
  /** Resolves once the caller can take more. Several messages at once cost one write. */
  send(...messages: readonly Uint8Array[]): Promise<void>;
  /** Aborted when the call or the connection goes. */
  readonly gone: AbortSignal;
}

/** By path: `/moby.filesync.v1.Auth/Credentials`. */
export type GrpcMethods = Readonly<Record<string, (call: GrpcCall) => Promise<void>>>;

/** A call with one request and one answer. */
export const unary =
  (answer: (request: Uint8Array) => Promise<Uint8Array> | Uint8Array) =>
  async (call: GrpcCall): Promise<void> => {
    for await (const request of call.messages) {
      await call.send(await answer(request));
      return;
    }
  };

/** Serves until `close`, which is final. The peer speaks HTTP/2 at once, without TLS. */
export function serveGrpc(connection: Duplex, methods: GrpcMethods): { close(): void } {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    void serve(stream, methods[String(headers[':path'])], headers as GrpcCall['metadata']);
  });
  server.on('sessionError', () => connection.destroy());
  connection.on('error', () => {});
  server.emit('connection', connection);
  return {
    close: () => {
      connection.destroy();
      server.close();
    },
  };
}

async function serve(
  stream: ServerHttp2Stream,
  method: GrpcMethods[string] | undefined,
  metadata: GrpcCall['metadata'],
): Promise<void> {
  // A call that was given up before it is seen cannot be answered.
  if (stream.destroyed || stream.closed) return;
  let trailers: Record<string, string> = { 'grpc-status': String(grpcStatus.ok) };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  const gone = new AbortController();
  stream.on('close', () => gone.abort());
  try {
    if (!method) throw new GrpcError(grpcStatus.unimplemented, 'not offered by this client');
    await method({
      metadata,
      messages: messagesOf(stream),
      send: (...messages) => sendMessages(stream, messages),
      gone: gone.signal,
    });
  } catch (error) {
    const status = error instanceof GrpcError ? error.status : grpcStatus.unknown;
    trailers = { 'grpc-status': String(status), 'grpc-message': encodeURIComponent((error as Error).message) };
  }
  if (stream.destroyed) return;
  stream.resume();
  stream.end();
}

async function* messagesOf(stream: ServerHttp2Stream): AsyncGenerator<Uint8Array> {
  const reader = new MessageReader();
  // A method that needs no more messages must not destroy the stream: its answer is still to be sent.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
    yield* reader.take(chunk);
}
