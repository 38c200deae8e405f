// Every problem code, once. Codes are stable: never renamed, never reused. Ranges keep neighbours together.
export const codes = {
  S001: 'unexpected failure of a step',
  // S1xx config and manifests
  // S2xx docker, builds, registries
  // S3xx kubernetes
  // S4xx local commands and servers
  S400: 'program not found',
  S401: 'working directory of a command does not exist',
  S402: 'program may not be executed',
  S403: 'program could not be started',
  S404: 'process could not be killed',
  // S5xx files and watching
  S500: 'limit of file watches reached',
  S501: 'file system without change events: polled',
  S502: 'file or directory cannot be read',
  S503: 'file changed or vanished while it was packed',
  S504: 'file or directory cannot be watched',
  S505: 'notes could not be written',
  S506: 'watching broke down',
  // S6xx session, socket, command line
  // S7xx updates in place
} as const;
