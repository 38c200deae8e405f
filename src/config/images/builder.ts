// `builder:` of an image, or of all: who builds.
import { resolve } from 'node:path';
import type { BuilderSpec, ClusterBuilder } from '../../model/builds/builder.ts';
import type { Loading } from '../load-context.ts';
import type { RawBuilder } from '../schema/schema.ts';
import type { Path } from '../yaml/document.ts';
import { buildxBuilder } from './buildx.ts';

/** Null for Docker, and where it cannot be used, which is told. */
export async function builderOf(
  given: RawBuilder | undefined,
  path: Path,
  loading: Loading,
): Promise<Exclude<BuilderSpec, { is: 'docker' }> | null> {
  if (given === undefined || given === 'docker') return null;
  if (given === 'cluster') return clusterBuilder({});
  if (given === 'buildx') return buildxBuilder(path, loading);
  if ('cluster' in given) return clusterBuilder(given.cluster ?? {});
  const { buildkit: address, tls } = given;
  if (!isAddress(address)) {
    const hint = 'use unix://PATH, tcp://HOST:PORT, docker-container://NAME or kube-pod://POD';
    loading.report.add('S103', [...path, 'buildkit'], `${address} is no address of a BuildKit`, hint);
    return null;
  }
  const file = (name: string | undefined): string | null => (name === undefined ? null : resolve(loading.dir, name));
  const files = tls && { ca: file(tls.ca), cert: file(tls.cert), key: file(tls.key) };
  return {
    is: 'buildkit',
    address,
    tls: files ? { ...files, servername: tls?.servername ?? null } : null,
    called: address,
  };
}

const isAddress = (address: string): boolean =>
  /^unix:\/\/\/.+|^tcp:\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(address) ||
  /^docker-container:\/\/[a-z0-9][\w.-]*$/i.test(address) ||
  /^kube-pod:\/\/[a-z0-9][a-z0-9.-]*(\?[\w=&.-]+)?$/.test(address);

type GivenCluster = NonNullable<Exclude<RawBuilder, string | { buildkit: string }>['cluster']>;

const clusterBuilder = (given: GivenCluster): ClusterBuilder => ({
  is: 'cluster',
  image: given.image ?? null,
  replicas: given.replicas ?? 1,
  namespace: given.namespace ?? null,
  cache: {
    size: given.cache?.size ?? null,
    claim: given.cache?.claim ?? false,
    storageClass: given.cache?.storageClass ?? null,
  },
  hostNetwork: given.hostNetwork ?? false,
  rootless: given.rootless ?? false,
  resources: given.resources ?? null,
});
