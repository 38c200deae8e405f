// Registries asked from this machine, without any Docker: is an image there?

import http from 'node:http';
import https from 'node:https';
import { limits } from '../../model/limits.ts';
import type { RegistryPort } from '../../model/ports/builder.ts';
import type { Env, RegistryAuth } from './config-file.ts';
import { credentialsFrom } from './credentials.ts';
import { registryOf } from './reference.ts';

const accepted = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export function createRegistry({ env, home }: { readonly env: Env; readonly home: string }): RegistryPort {
  const credentials = credentialsFrom(env, home);
  return {
    has: async (ref, stop) => {
      const host = registryOf(ref);
      const signal = AbortSignal.any([stop, AbortSignal.timeout(limits.registryAliveMs)]);
      try {
        return await isThere(ref, host, await credentials.of(host), signal);
      } catch {
        stop.throwIfAborted();
        return null;
      }
    },
  };
}

async function isThere(
  ref: string,
  host: string,
  auth: RegistryAuth | null,
  stop: AbortSignal,
): Promise<boolean | null> {
  const { name, reference } = partsOf(ref, host);
  const server = host === 'docker.io' ? 'registry-1.docker.io' : host;
  for (const scheme of schemesOf(host)) {
    const url = `${scheme}://${server}/v2/${name}/manifests/${reference}`;
    // A login goes in the clear to this machine alone.
    const login = scheme === 'https' || isHere(host) ? basicOf(auth) : null;
    const first = await head(url, login, stop).catch(() => null);
    if (first === null) continue;
    const challenge = first.status === 401 ? first.challenge : null;
    const token = challenge?.startsWith('Bearer ') ? await tokenFor(challenge, server, auth, stop) : null;
    const { status } = token === null ? first : await head(url, `Bearer ${token}`, stop);
    return status === 200 ? true : status === 404 ? false : null;
  }
  return null;
}

/** As Docker: plain HTTP only of this machine, and of names that are of no public network where TLS is not spoken. */
const schemesOf = (host: string): readonly ('https' | 'http')[] =>
  isHere(host) ? ['http', 'https'] : ['https', 'http'];

const isHere = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);

function partsOf(ref: string, host: string): { readonly name: string; readonly reference: string } {
  const rest = ref.startsWith(`${host}/`) ? ref.slice(host.length + 1) : ref;
  const [named = '', digest] = rest.split('@');
  const colon = named.lastIndexOf(':');
  const plain = colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
  const tag = colon > named.lastIndexOf('/') ? named.slice(colon + 1) : 'latest';
  const name = host === 'docker.io' && !plain.includes('/') ? `library/${plain}` : plain;
  return { name, reference: digest ?? tag };
}

const basicOf = (auth: RegistryAuth | null): string | null =>
  auth?.username && auth.password
    ? `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
    : null;

interface Head {
  readonly status: number;
  readonly challenge: string | null;
}

function head(url: string, authorization: string | null, signal: AbortSignal): Promise<Head> {
  const { request } = url.startsWith('https:') ? https : http;
  const headers = { accept: accepted, ...(authorization ? { authorization } : {}) };
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'HEAD', headers, signal, agent: false }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, challenge: answer.headers['www-authenticate'] ?? null });
    });
    call.on('error', reject);
    call.end();
  });
}

/** Credentials go to whom the registry names, over TLS alone, or to the registry's own host. */
async function tokenFor(
  challenge: string,
  server: string,
  auth: RegistryAuth | null,
  signal: AbortSignal,
): Promise<string | null> {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
  const realm = URL.canParse(fields.get('realm') ?? '') ? new URL(fields.get('realm')!) : null;
  if (!realm || (realm.protocol !== 'https:' && realm.host !== server)) return null;
  for (const key of ['service', 'scope']) if (fields.has(key)) realm.searchParams.set(key, fields.get(key)!);
  const basic = basicOf(auth);
  const answer = await fetch(realm, { signal, redirect: 'error', headers: basic ? { authorization: basic } : {} });
  const { token, access_token } = (await answer.json()) as { token?: unknown; access_token?: unknown };
  const given = token ?? access_token;
  return typeof given === 'string' ? given : null;
}
