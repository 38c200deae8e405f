// Port forwards as peers write them: `8080`, `"9000:80"`, `"127.0.0.1:5432:5432"`, `"[::1]:8080:80"`.
import type { PortForward } from '../model/config.ts';

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

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

const wildcard = new Set(['0.0.0.0', '::', '*']);

/** Could not both be listened on. */
export const collide = (a: PortForward, b: PortForward): boolean =>
  a.local === b.local && (a.host === b.host || wildcard.has(a.host) || wildcard.has(b.host));
