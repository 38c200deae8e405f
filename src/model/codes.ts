// Every problem code, once. Codes are stable: never renamed, never reused. Ranges keep neighbours together.
export const codes = {
  S001: 'unexpected failure of a step',
  // S1xx config and manifests
  // S2xx docker, builds, registries
  // S3xx kubernetes
  // S4xx local commands and servers
  // S5xx files and watching
  // S6xx session, socket, command line
  // S7xx updates in place
} as const;
