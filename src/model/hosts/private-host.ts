// Hosts that are nobody else's.

/** On this machine or in its network, by the look of the name, which may have a port. */
export const isPrivate = (host: string): boolean =>
  /^(localhost|(127|10)(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2})(:\d+)?$/.test(host) ||
  /\.(localhost|local|internal|lan|home\.arpa|svc)(:\d+)?$/.test(host) ||
  host.startsWith('[') ||
  !host.includes('.');
