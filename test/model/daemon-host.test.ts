// Where a Docker daemon is, by its address; what it publishes is there.
import { expect, it } from 'vitest';
import { daemonHost } from '../../src/model/hosts/daemon-host.ts';
import { readContainer } from '../../src/model/pods/container-reading.ts';
import type { EngineContainer } from '../../src/model/ports/containers.ts';

it.each([
  ['unix:///var/run/docker.sock', null],
  ['npipe:////./pipe/docker_engine', null],
  [undefined, null],
  ['ssh://root@build', 'build'],
  ['ssh://build.example:2222/run/docker.sock', 'build.example'],
  ['tcp://10.0.0.5:2376', '10.0.0.5'],
  ['tcp://[fd00::5]:2376', '[fd00::5]'],
  ['https://build', 'build'],
  ['tcp://127.0.0.1:2375', null],
  ['tcp://[::1]:2375', null],
  ['ssh://me@localhost', null],
])('%s', (address, host) => expect(daemonHost(address)).toBe(host));

it.each([
  [null, ['http://localhost:1', 'http://127.0.0.1:2', 'https://10.0.0.9:3', 'http://localhost:6']],
  ['build', ['http://build:1', 'https://10.0.0.9:3', 'http://build:6']],
])('ports of a container on %s', (host, urls) => {
  const published = (hostIp: string, at: number, container = 80) => ({ container, protocol: 'tcp', hostIp, host: at });
  const container: EngineContainer = {
    ...{ id: 'a', name: 'p-web-1', image: 'x', imageId: 'sha256:1', state: 'running', exitCode: 0, oomKilled: false },
    ...{ error: '', createdAt: 0, startedAt: 0, finishedAt: null, restarts: 0, restartPolicy: 'no', health: null },
    labels: { 'com.docker.compose.project': 'p', 'com.docker.compose.service': 'web' },
    ...{ readOnlyRoot: false, networks: {}, volumes: [] },
    ports: [
      ...[published('0.0.0.0', 1), published('::', 1), published('127.0.0.1', 2), published('10.0.0.9', 3, 443)],
      // Docker's own choice, another one for IPv6; then what is published for IPv6 alone.
      ...[published('::', 4), published('::', 6, 81)],
    ],
  };
  expect(readContainer(container, host)?.compose?.urls).toEqual(urls);
});
