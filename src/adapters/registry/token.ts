// Tokens of registries that have somebody else check the login.
import type { RegistryAuth } from './config-file.ts';

export const basicOf = (auth: RegistryAuth | null): string | null =>
  auth?.username && auth.password
    ? `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
    : null;

/**
 * `challenge`: what the answer from `asked` says in WWW-Authenticate. Credentials go to whom the registry names, over TLS alone, or
 * to the registry's own host. Null where there is no token to be had.
 */
export async function tokenFor(
  challenge: string,
  asked: URL,
  auth: RegistryAuth | null,
  signal: AbortSignal,
): Promise<string | null> {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
  const realm = URL.canParse(fields.get('realm') ?? '') ? new URL(fields.get('realm')!) : null;
  if (!realm || (realm.protocol !== 'https:' && realm.host !== asked.host)) return null;
  const wanted = ['service', 'scope'].flatMap((key) => (fields.has(key) ? [[key, fields.get(key)!] as const] : []));
  const answer = await (auth?.identitytoken
    ? refreshed(realm, wanted, auth.identitytoken, signal)
    : asBasic(realm, wanted, basicOf(auth), signal));
  if (!answer.ok) return null;
  const { token, access_token } = (await answer.json()) as { token?: unknown; access_token?: unknown };
  const given = token ?? access_token;
  return typeof given === 'string' ? given : null;
}

type Wanted = readonly (readonly [string, string])[];

function asBasic(realm: URL, wanted: Wanted, basic: string | null, signal: AbortSignal): Promise<Response> {
  for (const [key, value] of wanted) realm.searchParams.set(key, value);
  return fetch(realm, { signal, redirect: 'error', headers: basic ? { authorization: basic } : {} });
}

/** What `docker login` keeps of some clouds is no password but a token that others are given for. */
function refreshed(realm: URL, wanted: Wanted, token: string, signal: AbortSignal): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'sluice', refresh_token: token });
  for (const [key, value] of wanted) body.set(key, value);
  return fetch(realm, { method: 'POST', body, signal, redirect: 'error' });
}
