// What a registry's refusal means, by what it says of the reason and not by the names in it.
import { expect, it } from 'vitest';
import type { Credentials } from '../../../src/adapters/registry/credentials.ts';
import { registryProblem } from '../../../src/adapters/registry/registry-failure.ts';

const none = { problem: () => null } as unknown as Credentials;
const codeOf = (text: string, ref = 'localhost:5000/shop/web:1') =>
  registryProblem(`pushing ${ref}`, ref, text, none).code;

it.each([
  'failed to do request: Put "http://localhost:5000/v2/x?state=a": write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe',
  'read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer',
  'dial tcp 127.0.0.1:5000: connect: connection refused',
  'dial tcp 10.0.0.1:443: connect: connection timed out',
  'dial tcp 10.0.0.1:443: connect: host is down',
  'write tcp 127.0.0.1:1->127.0.0.1:2: use of closed network connection',
  'http2: client connection lost',
  'Post "https://r.example/v2/": http: server closed idle connection',
  'unexpected EOF',
  'received unexpected HTTP status: 503 Service Unavailable',
  'dial tcp: lookup r.example: no such host',
])('out of reach: %s', (text) => expect(codeOf(text)).toBe('S222'));

it.each([
  ['denied: requested access to the resource is denied', 'S220'],
  ['unexpected status from HEAD request to https://r.example/v2/a: 403 Forbidden', 'S220'],
  ['manifest invalid: manifest invalid', 'S221'],
])('%s', (text, code) => expect(codeOf(text)).toBe(code));

it('a name says nothing of the reason', () => {
  const said = (ref: string) => `An image does not exist locally with the tag: ${ref.replace(/:1$/, '')}`;
  for (const ref of ['acme/certificate-service:1', 'acme/denied:1', 'r.example/authentication/eof:1'])
    expect(codeOf(said(ref), ref)).toBe('S221');
  expect(codeOf('Put "https://r.example/v2/a/blobs/uploads/?_state=x-401-denied": manifest invalid')).toBe('S221');
});
