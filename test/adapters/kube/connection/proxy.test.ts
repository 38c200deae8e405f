// Clusters behind a proxy: which one the environment means, and real calls and streams through a real one.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { envProxy } from '../../../../src/adapters/kube/access/env-proxy.ts';
import { connectKube } from '../../../../src/adapters/kube/index.ts';
import { cluster, kubeconfig } from '../../../support/capability.ts';
import { tempProject } from '../../../support/temp.ts';

const never = new AbortController().signal;

describe('the proxy of the environment', () => {
  const server = 'https://api.dev.example.com:6443';
  it.each([
    [{}, null],
    [{ HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128'],
    [{ https_proxy: 'p:3128', HTTPS_PROXY: 'http://other' }, 'http://p:3128'],
    [{ HTTP_PROXY: 'http://p' }, null],
    [{ HTTPS_PROXY: 'http://p', NO_PROXY: '*' }, null],
    [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'a.com, example.com' }, null],
    [{ HTTPS_PROXY: 'http://p', no_proxy: '.dev.example.com' }, null],
    [{ HTTPS_PROXY: 'http://p', NO_PROXY: '*.example.com:6443' }, null],
    [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'example.com:443,ample.com,.api.dev.example.com' }, 'http://p'],
  ])('%j is %s', (env, proxy) => {
    expect(envProxy(server, env)).toBe(proxy);
  });

  it.each([
    ['https://10.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.1.2.3', false],
    ['https://10.1.2.3', '10.1.2.3:443', false],
    ['https://10.1.2.3', '10.1.2.0/99,10.2.0.0/16,10.1.2.3:80', true],
    ['https://[2001:db8::1]', '2001:db8::/32', false],
    ['https://[2001:db8::1]', '2001:db9::/32', true],
    ['https://127.0.0.1:16443', '', false],
    ['https://localhost', '', false],
    ['https://[::1]', '', false],
  ])('%s beside NO_PROXY=%s: %s', (server, list, isProxied) => {
    expect(envProxy(server, { HTTPS_PROXY: 'http://p', NO_PROXY: list })).toBe(isProxied ? 'http://p' : null);
  });
});

/** Passes TCP connections on and notes where to. */
async function connectProxy() {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const { hostname, port } = new URL(`tcp://${request.url}`);
    const there = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      there.pipe(socket).pipe(there);
    });
    there.on('error', () => socket.destroy());
    socket.on('error', () => there.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

/** An address of this machine that is no loopback: those are never proxied. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describe.skipIf(!cluster || !address)('a cluster behind a proxy', () => {
  const config = (more: string) => {
    const text = readFileSync(kubeconfig, 'utf8')
      .replace('127.0.0.1', address!)
      .replace(/certificate-authority-data: [^,}\n]+/, `insecure-skip-tls-verify: true${more}`);
    return join(tempProject({ config: text }), 'config');
  };

  it.each(['proxy-url', 'HTTPS_PROXY'])('is reached by the one that %s names', async (by) => {
    const { url, asked } = await connectProxy();
    const file = config(by === 'proxy-url' ? `, proxy-url: "${url}"` : '');
    const env = { ...process.env, HTTPS_PROXY: by === 'proxy-url' ? 'http://127.0.0.1:9' : url, NO_PROXY: 'elsewhere' };
    const kube = await connectKube({ kubeconfig: file, env });
    onTestFinished(() => kube.close());
    expect(await kube.version(never)).toMatch(/\d/);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: `none-${randomUUID()}`, namespace: 'default' };
    expect(await kube.get(ref, never)).toBeNull();
    expect(new Set(asked)).toEqual(new Set([`${address}:16443`]));
  });
});
