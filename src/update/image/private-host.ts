// Hosts that are nobody else's.

/** On this machine or in its network, by the look of the name. */
export const isPrivate = (host: string): boolean =>
  /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[)/.test(host) ||
  /\.(localhost|local|internal|lan|home\.arpa|svc)(:\d+)?$/.test(host) ||
  !host.includes('.');
