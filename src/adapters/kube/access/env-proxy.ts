// The proxy that the environment names for a server, by the rules of Go's net/http, which kubectl follows.
import { BlockList, isIP } from 'node:net';

type Env = Readonly<Record<string, string | undefined>>;

/** Null where none is to be used. Small letters win, as in curl; `localhost` and loopback addresses are never proxied. */
export function envProxy(server: string, env: Env): string | null {
  if (!URL.canParse(server)) return null;
  const { protocol, hostname, port } = new URL(server);
  const name = protocol === 'http:' ? 'http_proxy' : 'https_proxy';
  const proxy = env[name] || env[name.toUpperCase()];
  if (!proxy) return null;
  const host = hostname.replace(/^\[|\]$/g, '');
  const isExempt = isLoopback(host) || exempts(env.no_proxy || env.NO_PROXY || '', host, port || portOf(protocol));
  // `proxy.example:3128` is written without a scheme as often as with one.
  return isExempt ? null : /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

const portOf = (protocol: string): string => (protocol === 'http:' ? '80' : '443');

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** Names stand for themselves and what is below them, `.name` for what is below alone; addresses may be ranges. */
function exempts(list: string, host: string, port: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, only = port] = /^(.*?):(\d+)$/.exec(entry) ?? [];
      if (isIP(entry) === 0 && only !== port) return false;
      const place = isIP(entry) === 0 ? name.toLowerCase().replace(/^\*(?=\.)/, '') : entry;
      if (isIP(host) > 0) return isInRange(host, place);
      return place.startsWith('.') ? host.endsWith(place) : host === place || host.endsWith(`.${place}`);
    });
}

function isInRange(host: string, place: string): boolean {
  const [address = '', bits] = place.split('/');
  if (isIP(address) === 0 || isIP(address) !== isIP(host)) return false;
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  const most = isIP(host) === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most) return false;
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  return range.check(host, family);
}
