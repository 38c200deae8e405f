// Addresses of this machine as people and URLs write them.

/** `127.0.0.1:8080`, `[::1]:8080`. */
export const hostPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Ports that speak TLS by convention: of the container, as the local one is anybody's choice. */
const tlsPorts = new Set([443, 8443, 6443]);

/** What to open for a port forwarded from `hostPort`; where it listens on every address, this machine's own is one of them. */
export function urlOfForward(local: string, containerPort: number | null): string {
  const host = local.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return `${containerPort !== null && tlsPorts.has(containerPort) ? 'https' : 'http'}://${host}/`;
}
