// What daemons of both image stores say of a push, played by a daemon of the test's own: where its digest comes from.
import http from 'node:http';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../../../src/adapters/docker/connection/client.ts';
import { resolveEndpoint } from '../../../../src/adapters/docker/connection/endpoint.ts';
import { push$ } from '../../../../src/adapters/docker/images/push.ts';
import { credentialsFrom } from '../../../../src/adapters/registry/credentials.ts';
import { tempProject } from '../../../support/temp.ts';
import { problemFrom } from './context.ts';

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const line = (letter: string) => ({ status: `1: digest: ${digestOf(letter)} size: 422` });
const layer = { status: 'Layer already exists', progressDetail: {}, id: 'c7d5444e3044' };
const known = { status: 200, body: { Descriptor: { digest: digestOf('b') } } };
const missing = { status: 404, body: { message: 'manifest unknown' } };
const denied = { status: 403, body: { message: 'denied: requested access to the resource is denied' } };
const away = { status: 500, body: { message: 'dial tcp 127.0.0.1:5000: connect: connection refused' } };

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Pushes to a daemon whose stream is `records` and whose registry answers with `registry`. */
async function pushed(records: readonly object[], registry: Answer) {
  const path = join(tempProject(), 'docker.sock');
  const server = http.createServer((request, response) => {
    request.resume();
    if (request.url?.includes('/push')) return response.end(records.map((record) => JSON.stringify(record)).join('\n'));
    response.writeHead(registry.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(registry.body));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = createClient(await resolveEndpoint({ DOCKER_HOST: `unix://${path}` }, '/nowhere'), {});
  onTestFinished(() => {
    client.close();
    server.close();
  });
  const never = new AbortController().signal;
  return lastValueFrom(push$(client, credentialsFrom({}, '/nowhere'), 'localhost:5000/a:1', never));
}

describe('the digest of a push', () => {
  it.each([
    ['as the classic image store says it', [layer, { aux: { Tag: '1', Digest: digestOf('a') } }], missing, 'a'],
    ['from the registry, where the stream has no record of it', [layer, line('a')], known, 'b'],
    ['from the registry, where one platform of an index was pushed', [{ aux: { originalIndex: {} } }], known, 'b'],
    ['from the registry, where the stream says nothing at all', [], known, 'b'],
    ['in words, where the registry lets us push and not look', [layer, line('c')], denied, 'c'],
  ])('is taken %s', async (_, records, registry, letter) => {
    expect(await pushed(records, registry)).toEqual({ is: 'pushed', digest: digestOf(letter) });
  });

  it.each([
    ['a stream that ended early', [layer], missing, { kind: 'unavailable', code: 'S204' }],
    ['a registry that is away', [layer, line('a')], away, { kind: 'unavailable', code: 'S222' }],
    ['a registry that shows nothing, and no words', [layer], denied, { kind: 'denied', code: 'S220' }],
    ['an error in the stream', [layer, { error: 'denied: no' }], known, { kind: 'denied', code: 'S220' }],
  ])('is missing after %s', async (_, records, registry, problem) => {
    expect(await problemFrom(pushed(records, registry))).toMatchObject(problem);
  });
});
