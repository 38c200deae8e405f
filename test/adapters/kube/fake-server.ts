// A server that plays an API server with faults: each request is answered by `answer`. Sockets are counted and closed.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import type { KubePort } from '../../../src/model/ports.ts';
import { tempProject } from '../../support/temp.ts';

export interface FakeRequest {
  readonly url: URL;
  readonly token: string | undefined;
  readonly response: http.ServerResponse;
}

export interface FakeCluster {
  readonly kube: KubePort;
  readonly requests: readonly URL[];
  /** Connections open at the server now. */
  readonly sockets: ReadonlySet<Socket>;
}

export function sendJson(response: http.ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

export const status = (code: number, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  message,
});

/** A cluster whose `/version` works and whose other answers are the test's. Inside a test only. */
export async function fakeCluster(answer: (request: FakeRequest) => void, user: object = {}): Promise<FakeCluster> {
  const requests: URL[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    if (url.pathname !== '/version') requests.push(url);
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (url.pathname === '/version' && token === undefined) sendJson(response, { gitVersion: 'v1.34.0' });
    else answer({ url, token, response });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(tempProject({ config: kubeconfigText(`http://127.0.0.1:${port}`, user) }), 'config');
  const kube = await connectKube({ kubeconfig });
  onTestFinished(() => kube.close());
  return { kube, requests, sockets };
}

export const kubeconfigText = (server: string, user: object): string =>
  JSON.stringify({
    'current-context': 'fake',
    clusters: [{ name: 'fake', cluster: { server } }],
    users: [{ name: 'fake', user }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
  });
