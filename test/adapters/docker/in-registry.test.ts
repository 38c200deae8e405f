// Whom a session asks whether an image is in its registry: the registry itself only where that is the one that Docker means.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import { createRegistry } from '../../../src/adapters/registry/index.ts';
import { docker, dockerHost } from '../../support/capability.ts';
import { machine, overTcp } from '../../support/docker/far-docker.ts';
import { hasRootless, rootlessDocker } from '../../support/docker/rootless.ts';
import { certificates } from '../../support/servers/certificates.ts';
import { hasRegistry, ownRegistry } from '../../support/servers/registry.ts';
import { tempProject } from '../../support/temp.ts';

const never = new AbortController().signal;
const env = { ...process.env, DOCKER_CONFIG: '/nowhere', DOCKER_CONTEXT: '' };
const isUsable = docker && hasRegistry;

type Asker = 'Docker' | 'we';

/** A registry with one image, and before it a server that notes who asks. It listens at `at`. */
async function askedRegistry(at = '127.0.0.1', port = 0, tls: TlsOptions | null = null) {
  const registry = await ownRegistry();
  await registry.start();
  const repository = createRegistry({ env, home: homedir() }).open(`127.0.0.1:${registry.port}/a`);
  const digest = await repository.putManifest('one', emptyIndex, never);
  repository.close();
  const by = new Set<Asker>();
  const answer: http.RequestListener = (request, response) => {
    const { method, url, headers } = request;
    by.add(/docker|containerd/i.test(headers['user-agent'] ?? '') ? 'Docker' : 'we');
    const passed = http.request({ port: registry.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  };
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  const listening = await listen(server, at, port);
  return { port: listening, digest, by };
}

/** What a registry takes without anything else being there. */
const emptyIndex = {
  mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
  content: Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
      manifests: [],
    }),
  ),
};

async function listen(server: http.Server | https.Server, at: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, at, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function connected(DOCKER_HOST = dockerHost) {
  const port = await connectDocker({ env: { ...env, DOCKER_HOST }, home: homedir() });
  onTestFinished(() => port.close());
  return port;
}

const lost = `sha256:${'0'.repeat(64)}`;

it.skipIf(!isUsable)('a registry of this machine is asked itself, and Docker only for what is not there', async () => {
  const { port, digest, by } = await askedRegistry();
  const daemon = await connected();
  for (const host of ['localhost', '127.0.0.1'])
    for (const name of [`${host}:${port}/a@${digest}`, `${host}:${port}/a:one`])
      expect(await daemon.inRegistry(name, never), name).toBe(true);
  expect([...by]).toEqual(['we']);
  expect(await daemon.inRegistry(`localhost:${port}/a@${lost}`, never)).toBe(false);
  expect([...by]).toEqual(['we', 'Docker']);
});

it.skipIf(!isUsable)('of two that `localhost` leads to, neither is taken for the one that Docker means', async () => {
  const { port, digest, by } = await askedRegistry();
  const other = http.createServer((_, response) => response.writeHead(404).end());
  await listen(other, '::1', port);
  const daemon = await connected();
  await daemon.inRegistry(`localhost:${port}/a@${digest}`, never);
  expect(by).toContain('Docker');
});

it.skipIf(!isUsable || machine === null)(
  '`localhost` of a Docker of another machine is not that of this one',
  async () => {
    const { port, digest, by } = await askedRegistry();
    const daemon = await connected(await overTcp());
    expect(await daemon.inRegistry(`localhost:${port}/a@${digest}`, never)).toBe(true);
    expect([...by]).toEqual(['Docker']);
  },
);

it.skipIf(!isUsable || !hasRootless)('`localhost` of a Docker without root is its own', async () => {
  const { port, digest, by } = await askedRegistry();
  const daemon = await connected(await rootlessDocker());
  await expect(daemon.inRegistry(`localhost:${port}/a@${digest}`, never)).rejects.toMatchObject({
    problem: { code: 'S222' },
  });
  expect([...by]).toEqual([]);
});

it.skipIf(!isUsable || machine === null)(
  'a registry that shows no certificate is left to Docker, who knows it',
  async () => {
    const { port, digest, by } = await askedRegistry(machine!);
    const daemon = await connected();
    await expect(daemon.inRegistry(`${machine}:${port}/a@${digest}`, never)).rejects.toMatchObject({
      problem: { code: 'S222' },
    });
    expect([...by]).toEqual([]);
  },
);

it.skipIf(!isUsable)('what answers everything alike is no registry', async () => {
  const server = http.createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end());
  const port = await listen(server, '127.0.0.1', 0);
  const daemon = await connected();
  const answer = await daemon.inRegistry(`localhost:${port}/a@${lost}`, never).catch(() => 'refused');
  expect(answer).not.toBe(true);
});

/** `authority`: the file of who has signed it. */
function certificate(name: string) {
  const dir = tempProject();
  certificates(dir, name, 'server');
  const read = (file: string): Buffer => readFileSync(join(dir, file));
  return { tls: { key: read('server.key'), cert: read('server.crt') }, authority: join(dir, 'ca.crt') };
}

/** What a session would be told that trusts this authority beside the usual ones, in a process of its own. */
async function askedBy(refs: readonly string[], { env = {} }: { readonly env?: NodeJS.ProcessEnv }): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { surePresence } from './presence.ts';
        const sure = surePresence({ of: async () => null }, async () => false);
        const answers = [];
        for (const ref of ${JSON.stringify(refs)}) answers.push(await sure(ref, new AbortController().signal));
        console.log(JSON.stringify(answers));`,
      resolveDir: fileURLToPath(new URL('../../../src/adapters/registry', import.meta.url)),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const program = ['--input-type=module', '--no-warnings', '--eval', outputFiles[0]!.text];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

describe.skipIf(!isUsable || machine === null)('a registry with a certificate', () => {
  it('is asked itself where an authority that is trusted here has signed it for its name', async () => {
    const { tls, authority } = certificate(`IP:${machine}`);
    const { port, digest, by } = await askedRegistry(machine!, 0, tls);
    const at = `${machine}:${port}/a`;
    const env = { NODE_EXTRA_CA_CERTS: authority };
    expect(await askedBy([`${at}@${digest}`, `${at}:one`, `${at}@${lost}`], { env })).toEqual([true, true, false]);
    expect([...by]).toEqual(['we']);
  });

  it('is not believed where it is for another name, or signed by nobody who is trusted, whatever Node is told to let pass', async () => {
    for (const name of ['DNS:other.test', `IP:${machine}`]) {
      const { tls, authority } = certificate(name);
      const { port, digest, by } = await askedRegistry(machine!, 0, tls);
      const ref = `${machine}:${port}/a@${digest}`;
      const trusted = name.startsWith('DNS') ? { NODE_EXTRA_CA_CERTS: authority } : {};
      for (const NODE_TLS_REJECT_UNAUTHORIZED of ['', '0'])
        expect(await askedBy([ref], { env: { ...trusted, NODE_TLS_REJECT_UNAUTHORIZED } })).toEqual([false]);
      const daemon = await connected();
      await expect(daemon.inRegistry(ref, never)).rejects.toMatchObject({ problem: { code: 'S222' } });
      expect([...by]).toEqual([]);
    }
  });
});
