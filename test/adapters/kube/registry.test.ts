import { expect, it } from 'vitest';
import { findRegistry } from '../../../src/adapters/kube/registry.ts';
import type { KubeInfo, KubePort } from '../../../src/model/ports.ts';
import { ProblemError } from '../../../src/model/problems/problem.ts';

const info: KubeInfo = { context: 'c', cluster: 'c', server: '', namespace: 'default', local: null };
const denied = () => {
  throw new ProblemError({ kind: 'denied', code: 'S310', what: 'you may not get configmaps in kube-public' });
};
const text = (hosting: string) => async () => ({ data: { 'localRegistryHosting.v1': hosting } });

const find = (get: () => unknown, list: () => unknown = () => []) =>
  findRegistry(
    { get: async () => get(), list: async () => list() } as unknown as Pick<KubePort, 'get' | 'list'>,
    info,
    new AbortController().signal,
  );

it('is the one that the cluster announces', async () => {
  const both = 'host: "localhost:5000"\nhostFromContainerRuntime: "registry:5000"';
  expect(await find(text(both))).toEqual({ host: 'localhost:5000', hostFromCluster: 'registry:5000' });
});

it('is none where none is announced, and none is told where the announcement cannot be read', async () => {
  expect(await find(() => null)).toBeNull();
  expect(await find(() => null, denied)).toBeNull();
  expect(await find(denied)).toMatchObject({ unread: { what: 'you may not get configmaps in kube-public' } });
  expect(await find(text('host: [unclosed'))).toMatchObject({ unread: expect.anything() });
});

it('is found on the nodes although the announcement may not be read', async () => {
  const node = { metadata: { annotations: { 'kind.x-k8s.io/registry': 'localhost:5001' } } };
  expect(await find(denied, () => [node])).toEqual({ host: 'localhost:5001', hostFromCluster: null });
});
