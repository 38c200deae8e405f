import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectKube } from '../../../../src/adapters/kube/index.ts';
import { cluster, kubeconfig } from '../../../support/capability.ts';
import { tempProject } from '../../../support/temp.ts';
import { fakeCluster, kubeconfigText, sendJson, status } from '../fake-server.ts';
import { never } from '../testbed.ts';

/** A login plugin that counts its runs and writes what it was told; each token has its run's number. */
function plugin(expiresInMs: number): { user: object; runs: () => string[] } {
  const dir = tempProject({ log: '' });
  const script = `#!${process.execPath}
const fs = require('node:fs');
fs.appendFileSync(${JSON.stringify(join(dir, 'log'))}, process.env.KUBERNETES_EXEC_INFO + '\\n');
const runs = fs.readFileSync(${JSON.stringify(join(dir, 'log'))}, 'utf8').trim().split('\\n').length;
const expirationTimestamp = new Date(Date.now() + ${expiresInMs}).toISOString();
console.log(JSON.stringify({kind: 'ExecCredential', status: {token: 'token-' + runs, expirationTimestamp}}));`;
  writeFileSync(join(dir, 'login'), script);
  chmodSync(join(dir, 'login'), 0o755);
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: join(dir, 'login'),
    provideClusterInfo: true,
    installHint: 'get it at example.com',
  };
  return { user: { exec }, runs: () => readFileSync(join(dir, 'log'), 'utf8').trim().split('\n') };
}

describe('a login', () => {
  it('by a plugin runs it once for many calls, and again when its token is about to end', async () => {
    const lasting = plugin(3_600_000);
    const used = new Set<string | undefined>();
    const fake = await fakeCluster(({ token, response }) => {
      used.add(token);
      sendJson(response, {
        kind: 'APIResourceList',
        resources: [{ name: 'pods', kind: 'Pod', namespaced: true }],
        items: [],
      });
    }, lasting.user);
    await Promise.all(Array.from({ length: 10 }, () => fake.kube.list('v1', 'Pod', 'x', null, never)));
    expect([...used]).toEqual(['token-1']);
    expect(lasting.runs()).toHaveLength(1);
    expect(JSON.parse(lasting.runs()[0]!)).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: fake.kube.info.server } },
    });

    const brief = plugin(1_000);
    const other = await fakeCluster(({ response }) => sendJson(response, {}), brief.user);
    await other.kube.version();
    expect(brief.runs().length).toBe(2);
  });

  it('that the cluster refuses is made anew once, and then told', async () => {
    const { user, runs } = plugin(3_600_000);
    const fake = await fakeCluster(({ token, response }) => {
      if (token === 'token-1') sendJson(response, status(401, 'Unauthorized'), 401);
      else sendJson(response, { gitVersion: token });
    }, user);
    expect(await fake.kube.version()).toBe('token-2');
    expect(runs()).toHaveLength(2);
    const never401 = fakeCluster(({ response }) => sendJson(response, status(401, 'Unauthorized'), 401), {
      token: 'old',
    });
    await expect(never401).rejects.toMatchObject({ problem: { kind: 'denied', code: 'S306' } });
  });

  it('by a plugin that is missing or fails says so with its hint', async () => {
    const connect = (exec: object) =>
      connectKube({
        kubeconfig: join(tempProject({ config: kubeconfigText('http://127.0.0.1:1', { exec }) }), 'config'),
      });
    await expect(connect({ command: 'sluice-no-such-plugin', installHint: 'get it' })).rejects.toMatchObject({
      problem: { code: 'S305', what: expect.stringContaining('not installed'), hint: 'get it' },
    });
    await expect(connect({ command: 'sh', args: ['-c', 'echo session ended >&2; exit 1'] })).rejects.toMatchObject({
      problem: { kind: 'unavailable', code: 'S305', what: expect.stringContaining('session ended') },
    });
    await expect(connect({ command: 'echo', args: ['hi'] })).rejects.toMatchObject({ problem: { code: 'S305' } });
  });

  it('by a token file sends it without its line end, reads it again once it is refused, and names one that is missing', async () => {
    const dir = tempProject({ token: 'secret\n' });
    let refused = '';
    const fake = await fakeCluster(
      ({ token, response }) => {
        if (token === refused) sendJson(response, status(401, 'Unauthorized'), 401);
        else sendJson(response, { gitVersion: token });
      },
      { tokenFile: join(dir, 'token') },
    );
    expect(await fake.kube.version()).toBe('secret');
    writeFileSync(join(dir, 'token'), 'rotated\n');
    expect(await fake.kube.version()).toBe('secret');
    refused = 'secret';
    expect(await fake.kube.version()).toBe('rotated');
    const config = join(
      tempProject({ config: kubeconfigText('http://127.0.0.1:1', { tokenFile: '/nonesuch' }) }),
      'config',
    );
    await expect(connectKube({ kubeconfig: config })).rejects.toMatchObject({
      problem: { code: 'S305', what: expect.stringContaining('/nonesuch') },
    });
  });
});

describe('a kubeconfig that changes on disk', () => {
  const answering = async (name: string) => {
    const server = http.createServer((request, response) => {
      const isKnown = request.headers.authorization === `Bearer ${name}`;
      if (isKnown) sendJson(response, { gitVersion: name });
      else sendJson(response, status(401, 'Unauthorized'), 401);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const end = () => {
      server.closeAllConnections();
      server.close();
    };
    onTestFinished(end);
    return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, end };
  };
  const written = (file: string, url: string, token: string, ca?: string): void => {
    const config = JSON.parse(kubeconfigText(url, { token }));
    if (ca) {
      const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(ca).toString('base64')}\n-----END CERTIFICATE-----\n`;
      config.clusters[0].cluster['certificate-authority-data'] = Buffer.from(pem).toString('base64');
    }
    writeFileSync(file, JSON.stringify(config));
  };

  it('gives the new login once the old one is refused, for the context of before whichever is the current one now', async () => {
    const [one, other] = [await answering('one'), await answering('two')];
    const file = join(tempProject(), 'config');
    written(file, one.url, 'one');
    const kube = await connectKube({ kubeconfig: file });
    onTestFinished(() => kube.close());
    const config = JSON.parse(readFileSync(file, 'utf8'));
    config.users[0].user.token = 'expired';
    writeFileSync(file, JSON.stringify(config));
    // What works is not given up for what is new.
    expect(await kube.version()).toBe('one');
    config.clusters.push({ name: 'other', cluster: { server: other.url } });
    config.contexts.push({ name: 'other', context: { cluster: 'other', user: 'fake' } });
    config['current-context'] = 'other';
    config.users[0].user.token = 'two';
    writeFileSync(file, JSON.stringify(config));
    expect(await kube.version()).toBe('one');
    expect(kube.info).toMatchObject({ context: 'fake', server: one.url });
  });

  it('is followed to another port of the same cluster, and never to another cluster', async () => {
    const [before, after] = [await answering('token'), await answering('token')];
    const file = join(tempProject(), 'config');
    written(file, before.url, 'token', 'authority');
    const kube = await connectKube({ kubeconfig: file });
    onTestFinished(() => kube.close());
    before.end();
    written(file, after.url, 'token', 'another authority');
    await expect(kube.version()).rejects.toMatchObject({
      problem: {
        kind: 'unavailable',
        what: `cluster at ${before.url} is out of reach, and the kubeconfig names another for context fake: ${after.url}`,
      },
    });
    writeFileSync(file, '{half');
    await expect(kube.version()).rejects.toMatchObject({ problem: { code: 'S303' } });
    written(file, after.url, 'token', 'authority');
    await expect(kube.version()).rejects.toMatchObject({ problem: { code: 'S303' } });
    expect(await kube.version()).toBe('token');
    expect(kube.info.server).toBe(after.url);
  });
});

describe('an answer that the server is too busy', () => {
  it('is obeyed where it says when to come again, and told where it does not end', async () => {
    let busy = 2;
    const fake = await fakeCluster(({ response }) => {
      const resources = [{ name: 'pods', kind: 'Pod', namespaced: true }];
      if (busy-- <= 0) return sendJson(response, { kind: 'APIResourceList', resources });
      response.setHeader('Retry-After', '0');
      sendJson(response, status(429, 'too many requests'), 429);
    });
    expect(await fake.kube.isNamespaced('v1', 'Pod', never)).toBe(true);
    expect(fake.requests).toHaveLength(3);
    busy = Number.POSITIVE_INFINITY;
    await expect(fake.kube.isNamespaced('apps/v1', 'Deployment', never)).rejects.toMatchObject({
      problem: { kind: 'unavailable', code: 'S319' },
    });
  });
});

describe('a cluster', () => {
  it('that nobody serves is out of reach, with its address', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, 'close');
    const config = join(tempProject({ config: kubeconfigText(`http://127.0.0.1:${port}`, {}) }), 'config');
    await expect(connectKube({ kubeconfig: config })).rejects.toMatchObject({
      problem: {
        kind: 'unavailable',
        code: 'S303',
        what: `cluster at http://127.0.0.1:${port} is out of reach: connection refused`,
      },
    });
  });

  it.skipIf(!cluster)('whose certificate is not trusted, or that does not know ours, says which', async () => {
    const config = parse(readFileSync(kubeconfig, 'utf8'));
    const { 'certificate-authority-data': ca, server } = config.clusters[0].cluster;
    config.clusters[0].cluster = { server };
    const untrusted = join(tempProject({ config: stringify(config) }), 'config');
    await expect(connectKube({ kubeconfig: untrusted })).rejects.toMatchObject({
      problem: { kind: 'unavailable', code: 'S304' },
    });
    config.clusters[0].cluster = { server, 'certificate-authority-data': ca };
    config.users[0].user = { token: 'nonsense' };
    const unknown = join(tempProject({ config: stringify(config) }), 'config');
    await expect(connectKube({ kubeconfig: unknown })).rejects.toMatchObject({
      problem: { kind: 'denied', code: 'S306' },
    });
  });
});
