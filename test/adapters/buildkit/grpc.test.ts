import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeField, fields } from '../../../src/adapters/buildkit/protobuf.ts';
import { type GrpcMethods, serveGrpc, unary } from '../../../src/adapters/buildkit/session/grpc.ts';
import { sshMethods } from '../../../src/adapters/buildkit/session/ssh-forward.ts';
import { tempProject } from '../../support/temp.ts';

const message = (bytes: Uint8Array) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

/** A client as the daemon is one: HTTP/2 without TLS over a connection that we serve. */
async function clientOf(methods: GrpcMethods): Promise<http2.ClientHttp2Session> {
  const server = net.createServer((socket) => {
    const served = serveGrpc(socket, methods);
    onTestFinished(served.close);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => {});
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return client;
}

/** What a call is answered with once `answer` of its bytes are there, its status included. */
function call(
  client: http2.ClientHttp2Session,
  path: string,
  sent: readonly Uint8Array[],
  metadata = {},
): Promise<{ bytes: Buffer; status: string; said: string }> {
  const stream = client.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...metadata,
  });
  const chunks: Buffer[] = [];
  let trailers: http2.IncomingHttpHeaders = {};
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('trailers', (headers) => {
    trailers = headers;
  });
  for (const one of sent) stream.write(message(one));
  stream.end();
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('close', () =>
      resolve({
        bytes: Buffer.concat(chunks),
        status: String(trailers['grpc-status']),
        said: decodeURIComponent(String(trailers['grpc-message'] ?? '')),
      }),
    );
  });
}

describe('the gRPC server of a session', () => {
  it('answers a call, also one of a megabyte, and says ok', async () => {
    const client = await clientOf({ '/a/Echo': unary((request) => request) });
    const big = Buffer.alloc(1_000_000, 7);
    const { bytes, status } = await call(client, '/a/Echo', [big]);
    // A matcher looks at each byte as at a field of an object: that takes seconds.
    expect([bytes.equals(message(big)), status]).toEqual([true, '0']);
    expect(await call(client, '/a/Echo', [Buffer.alloc(0)])).toMatchObject({
      bytes: message(Buffer.alloc(0)),
      status: '0',
    });
  });

  it('says that a method is not offered, and what made another fail', async () => {
    const client = await clientOf({
      '/a/Fail': unary(() => {
        throw new Error('schön kaputt');
      }),
    });
    expect(await call(client, '/a/Other', [Buffer.alloc(1)])).toMatchObject({ status: '12' });
    expect(await call(client, '/a/Fail', [Buffer.alloc(1)])).toMatchObject({ status: '2', said: 'schön kaputt' });
  });

  it('refuses a message that claims to be huge, and serves on', async () => {
    const client = await clientOf({ '/a/Echo': unary((request) => request) });
    const stream = client.request({ ':method': 'POST', ':path': '/a/Echo' });
    const status = new Promise((resolve) => stream.on('trailers', (headers) => resolve(headers['grpc-status'])));
    stream.on('error', () => {});
    stream.resume();
    stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
    expect(await status).toBe('8');
    stream.destroy();
    expect(await call(client, '/a/Echo', [Buffer.from('x')])).toMatchObject({ status: '0' });
  });

  it('carries an ssh agent in both directions and ends when the agent does', async () => {
    const socket = join(tempProject(), 'agent.sock');
    const agent = net.createServer((peer) => {
      let heard = 0;
      peer.on('data', (data) => {
        heard += data.length;
        if (heard >= 300_000) peer.end(Buffer.alloc(heard, 'a'));
      });
    });
    await new Promise<void>((resolve) => agent.listen(socket, resolve));
    onTestFinished(() => void agent.close());
    const client = await clientOf(sshMethods([{ id: 'default', socket }]));
    const sent = Array.from({ length: 10 }, () => encodeField(1, Buffer.alloc(30_000)));
    const { bytes, status } = await call(client, '/moby.sshforward.v1.SSH/ForwardAgent', sent, {
      'buildkit.ssh.id': 'default',
    });
    let got = 0;
    for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt32BE(at + 1))
      for (const { value } of fields(bytes.subarray(at + 5, at + 5 + bytes.readUInt32BE(at + 1))))
        got += (value as Uint8Array).length;
    expect({ got, status }).toEqual({ got: 300_000, status: '0' });
  });

  it('knows only the agents that were given', async () => {
    const client = await clientOf(sshMethods([{ id: 'default', socket: '/none' }]));
    const path = '/moby.sshforward.v1.SSH/CheckAgent';
    expect(await call(client, path, [Buffer.alloc(0)])).toMatchObject({ status: '0' });
    expect(await call(client, path, [encodeField(1, 'other')])).toMatchObject({
      status: '5',
      said: expect.stringContaining('"other"'),
    });
  });
});
