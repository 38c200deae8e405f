import { expect, it } from 'vitest';
import { localProduct } from '../../../../src/adapters/kube/access/local-cluster.ts';
import { sharesDaemon } from '../../../../src/model/hosts/shared-daemon.ts';
import type { DockerInfo, KubeInfo } from '../../../../src/model/ports.ts';

it.each<[string | null, string, string, string | null]>([
  ['kind', 'kind-dev', 'https://127.0.0.1:40000', null],
  ['kind', 'kind', 'https://localhost:40000', null],
  ['minikube', 'minikube', 'https://192.168.49.2:8443', null],
  ['minikube', 'my-profile', 'https://192.168.49.2:8443', '/home/me/.minikube/ca.crt'],
  ['docker-desktop', 'docker-desktop', 'https://kubernetes.docker.internal:6443', null],
  ['microk8s', 'microk8s-cluster', 'https://127.0.0.1:16443', null],
  ['crc', 'api-crc-testing:6443', 'https://api.crc.testing:6443', null],
  ['k3d', 'k3d-shop', 'https://0.0.0.0:35000', null],
  ['rancher-desktop', 'rancher-desktop', 'https://127.0.0.1:6443', null],
  ['colima', 'colima-work', 'https://127.0.0.1:6443', null],
  ['orbstack', 'orbstack', 'https://127.0.0.1:26443', null],
  [null, 'production', 'https://127.0.0.1:6443', null],
  [null, 'kind-prod', 'https://kind.example.com:6443', null],
  [null, 'kindergarten', 'https://127.0.0.1:6443', null],
  [null, 'minikube', 'https://54.1.2.3:8443', '/home/me/.minikube/ca.crt'],
  [null, 'gke_project_zone_kind', 'https://10.0.0.1', null],
])('%s: cluster %s at %s', (product, cluster, server, ca) => {
  expect(localProduct(cluster, server, ca)).toBe(product);
});

const shares = (local: string | null, cluster: string, name: string, host = 'unix:///var/run/docker.sock') => {
  const info: KubeInfo = { context: cluster, cluster, server: 'https://127.0.0.1:6443', namespace: 'default', local };
  const docker: DockerInfo = { context: 'default', host, version: '28', arch: 'arm64', buildkit: true, name };
  return sharesDaemon(info, docker);
};

it('images need no push where the daemon is the node of the cluster', () => {
  expect(shares('docker-desktop', 'docker-desktop', 'docker-desktop')).toBe(true);
  expect(shares('docker-desktop', 'docker-desktop', 'my-laptop')).toBe(false);
  expect(shares('minikube', 'minikube', 'minikube', 'tcp://127.0.0.1:32770')).toBe(true);
  expect(shares('minikube', 'minikube', 'docker-desktop')).toBe(false);
  expect(shares('colima', 'colima-work', 'colima-work')).toBe(true);
  expect(shares('colima', 'colima-work', 'colima')).toBe(false);
  expect(shares('orbstack', 'orbstack', 'orbstack')).toBe(true);
  expect(shares('rancher-desktop', 'rancher-desktop', 'lima-rancher-desktop')).toBe(true);
  expect(shares('kind', 'kind', 'kind')).toBe(false);
  expect(shares(null, 'remote', 'remote')).toBe(false);
});
