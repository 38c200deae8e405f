// Port forwards as peers write them: `8080`, `"9000:80"`, `"127.0.0.1:5432:5432"`, `"[::1]:8080:80"`.
import type { PortForward } from '../../model/config.ts';

/** Null for what has none of these forms, or a number that is no port. A forward without a host listens on this machine only. */
export function portForward(value: string | number): PortForward | null {
  const [, host, local, container] =
    /^(?:(?:(\[[0-9A-Fa-f:.]+\]|[^:\s[\]]+):)?(\d{1,5}):)?(\d{1,5})$/.exec(String(value).trim()) ?? [];
  if (container === undefined) return null;
  const forward = {
    host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1',
    local: Number(local ?? container),
    container: local === undefined ? null : Number(container),
  };
  return isPort(forward.local) && isPort(forward.container ?? 1) ? forward : null;
}

export const portForms = '8080, "9000:80" or "127.0.0.1:5432:5432"';

/** What to write instead of something that is no port forward. */
export function portHint(value: string | number): string {
  const text = String(value).trim();
  const plain = text
    .replace(/\/(tcp|udp|sctp)$/i, '')
    .replace(/^:|:$/g, '')
    .replace(/\s+/g, '');
  if (/\/(udp|sctp)$/i.test(text)) return 'only TCP is forwarded';
  if (plain !== text && portForward(plain)) return `did you mean ${/:/.test(plain) ? `"${plain}"` : plain}?`;
  if (/^\d+-\d+(:\d+-\d+)?$/.test(text)) return 'no ranges: name each port in an entry of its own';
  const [, host, port] = /^([^\s:]*[A-Za-z.][^\s:]*):(\d+)$/.exec(text) ?? [];
  if (port !== undefined && isPort(Number(port)))
    return `with an address there are two ports: "${host}:${port}:${port}"`;
  if ((text.match(/\d+/g) ?? []).some((each) => !isPort(Number(each))) && /^[\d:]+$/.test(text))
    return 'ports go from 1 to 65535';
  return 'first the port here, then that of the container';
}

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

const wildcard = new Set(['0.0.0.0', '::', '*']);

/** Could not both be listened on. */
export const collide = (a: PortForward, b: PortForward): boolean =>
  a.local === b.local && (a.host === b.host || wildcard.has(a.host) || wildcard.has(b.host));
