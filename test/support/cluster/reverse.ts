// An API server that answers as it is told to: a reverse proxy with the cluster's own certificate, which knows HTTP/1.1 alone.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { kubeconfig } from '../capability.ts';
import { tempProject } from '../temp.ts';

export interface Reverse {
  readonly kubeconfig: string;
  /** Requests whose `METHOD PATH` match are answered with this status and message; those that are open are cut. Null: none. */
  refuse(pattern: RegExp | null, status?: number, message?: string, headers?: Readonly<Record<string, string>>): void;
}

/** Inside a test only. */
export async function reverse(): Promise<Reverse> {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  const upstream = new URL(cluster.server);
  const decoded = (base64: string) => Buffer.from(base64, 'base64');
  const login = {
    host: upstream.hostname,
    port: Number(upstream.port),
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
  const pki = join(dirname(kubeconfig), 'pki');
  const server = https.createServer({
    cert: readFileSync(join(pki, 'server.crt')),
    key: readFileSync(join(pki, 'server.key')),
  });
  let rule: { pattern: RegExp; status: number; text: string; headers: Readonly<Record<string, string>> } | null = null;
  const open = new Map<Socket, string>();
  const begun = (socket: Socket, what: string): void => {
    // One connection carries many requests.
    if (!open.has(socket)) socket.on('error', () => {}).once('close', () => open.delete(socket));
    open.set(socket, what);
  };
  server.on('request', (request, response) => {
    const what = `${request.method} ${request.url}`;
    begun(request.socket, what);
    if (rule?.pattern.test(what)) {
      response.writeHead(rule.status, { 'Content-Type': 'application/json', ...rule.headers }).end(rule.text);
      return;
    }
    const passed = https.request(
      { ...login, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const what = `${request.method} ${request.url}`;
    begun(socket, what);
    if (rule?.pattern.test(what)) {
      socket.end(
        `HTTP/1.1 ${rule.status} No\r\nContent-Type: application/json\r\nContent-Length: ${rule.text.length}\r\n\r\n${rule.text}`,
      );
      return;
    }
    const passed = tls.connect(login, () => {
      const lines = request.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : []));
      passed.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      passed.write(head);
      passed.pipe(socket).pipe(passed);
    });
    passed.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => passed.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open.keys()) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  cluster.server = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    kubeconfig: join(tempProject({ kubeconfig: JSON.stringify(config) }), 'kubeconfig'),
    refuse(pattern, status = 500, message = 'no', headers = {}) {
      const text = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message });
      rule = pattern && { pattern, status, text, headers };
      for (const [socket, what] of open) if (pattern?.test(what)) socket.destroy();
    },
  };
}
