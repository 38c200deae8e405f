// Registries that have somebody else check the login: a token is asked for as they say, and by what `docker login` keeps.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { createRegistry } from '../../../src/adapters/registry/index.ts';
import { tempProject } from '../../support/temp.ts';

const never = new AbortController().signal;

/** A registry that takes the token `granted` alone, given for what `isLogin` lets in. */
async function guarded(isLogin: (request: IncomingMessage, body: string) => boolean) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://host');
    asked.push(`${request.method} ${url.pathname}`);
    const host = request.headers.host;
    if (url.pathname === '/token') {
      const isIn = isLogin(request, await text(request));
      response.writeHead(isIn ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isIn ? { token: 'granted' } : { details: 'no' }));
    } else if (request.headers.authorization === 'Bearer granted') response.writeHead(200).end();
    else {
      const scope = 'repository:a/b:pull';
      const challenge = `Bearer realm="http://${host}/token",service="here",scope="${scope}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open = (auth: object) => {
    const home = tempProject({ 'config.json': JSON.stringify({ auths: { [host]: auth } }) });
    const repository = createRegistry({ env: { DOCKER_CONFIG: home }, home }).open(`${host}/a/b`);
    onTestFinished(() => repository.close());
    return repository;
  };
  return { open, asked };
}

const digest = `sha256:${'0'.repeat(64)}`;
const basic = Buffer.from('anna:secret').toString('base64');

it('a login is shown to whom the registry names, and the token is used from then on', async () => {
  const { open, asked } = await guarded((request) => request.headers.authorization === `Basic ${basic}`);
  const repository = open({ auth: basic });
  expect(await repository.hasBlob(digest, never)).toBe(true);
  expect(await repository.hasBlob(digest, never)).toBe(true);
  expect(asked).toEqual([
    `HEAD /v2/a/b/blobs/${digest}`,
    'GET /token',
    `HEAD /v2/a/b/blobs/${digest}`,
    `HEAD /v2/a/b/blobs/${digest}`,
  ]);
});

it('a token that others are given for is exchanged for one', async () => {
  const { open } = await guarded((request, body) => {
    const fields = new URLSearchParams(body);
    const wanted = ['grant_type', 'refresh_token', 'service', 'scope'].map((key) => fields.get(key));
    return request.method === 'POST' && wanted.join() === 'refresh_token,kept,here,repository:a/b:pull';
  });
  expect(await open({ identitytoken: 'kept' }).hasBlob(digest, never)).toBe(true);
});

it('without a login that is taken, it is said so', async () => {
  const { open } = await guarded(() => false);
  await expect(open({ auth: basic }).hasBlob(digest, never)).rejects.toMatchObject({ problem: { code: 'S220' } });
});
