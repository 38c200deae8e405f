// Every problem code, once. Codes are stable: never renamed, never reused. Ranges keep neighbours together.
export const codes = {
  S001: 'unexpected failure of a step',
  // S1xx config and manifests
  // S2xx docker, builds, registries
  S200: 'docker is out of reach',
  S201: 'no right to use the docker socket',
  S202: 'docker context, DOCKER_HOST or docker config cannot be used',
  S203: 'docker refused a call',
  S204: 'the connection to docker was lost',
  S205: 'no such container, image or path',
  S206: 'the disk of docker is full',
  S207: 'docker sent what cannot be read',
  S210: 'a build step failed',
  S211: 'the Dockerfile cannot be used as it is',
  S212: 'a base image cannot be pulled',
  S213: 'a build failed outside of its steps',
  S214: 'a build secret or ssh setting cannot be used',
  S220: 'a registry refused access',
  S221: 'a push failed',
  S222: 'a registry is out of reach',
  S223: 'a credential helper gave no answer',
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
