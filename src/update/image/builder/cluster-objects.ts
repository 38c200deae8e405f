// What sluice's BuildKit in a cluster is made of: for each replica a Deployment of one pod, so that it keeps its name and cache.
import { builderLimits, type ClusterBuilder } from '../../../model/builds/builder.ts';
import type { KubeObject } from '../../../model/config.ts';
import { builderLabel, builderReplicaLabel, builderSettingsAnnotation } from '../../../model/labels.ts';

/** Whose it is: `down --builder` finds it by this, and nothing without it is touched. */
export const builderApp = 'buildkit';
export const containerName = 'buildkitd';

/** In a network of its own each listens on the same; on the node's those of each namespace have a stretch of their own. */
export function portOf({ hostNetwork }: ClusterBuilder, namespace: string, replica: number): number {
  if (!hostNetwork) return 1_234;
  let sum = 0;
  for (const byte of Buffer.from(namespace)) sum = (sum * 31 + byte) % 400;
  return 20_000 + sum * builderLimits.replicas + replica;
}

export const replicaName = (replica: number): string => `sluice-buildkit-${replica}`;
export const settingsName = 'sluice-buildkit';

const images = { root: 'moby/buildkit:buildx-stable-1', rootless: 'moby/buildkit:buildx-stable-1-rootless' };

/** `registry`: the one that images are pushed to, as pods call it; `plainHttp`: it need not speak TLS. */
export interface BuilderPlace {
  readonly namespace: string;
  readonly registry: string | null;
  readonly plainHttp: boolean;
}

/** In the order in which they are applied. */
export function builderObjects(spec: ClusterBuilder, place: BuilderPlace): readonly KubeObject[] {
  const replicas = Array.from({ length: spec.replicas }, (_, replica) => replica);
  return [
    settings(place),
    ...(spec.cache.claim ? replicas.map((replica) => claim(spec, place, replica)) : []),
    ...replicas.map((replica) => deployment(spec, place, replica)),
  ];
}

const metadata = (name: string, { namespace }: BuilderPlace) => ({
  name,
  namespace,
  labels: { [builderLabel]: builderApp, 'app.kubernetes.io/managed-by': 'sluice' },
});

function settings(place: BuilderPlace): KubeObject {
  const { registry, plainHttp } = place;
  const host = registry?.split('/')[0];
  const http = host && plainHttp ? `[registry.${JSON.stringify(host)}]\n  http = true\n  insecure = true\n` : '';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(settingsName, place),
    data: { 'buildkitd.toml': http },
  };
}

function claim({ cache }: ClusterBuilder, place: BuilderPlace, replica: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadata(replicaName(replica), place),
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(cache.storageClass ? { storageClassName: cache.storageClass } : {}),
      resources: { requests: { storage: cache.size ?? '20Gi' } },
    },
  };
}

function deployment(spec: ClusterBuilder, place: BuilderPlace, replica: number): KubeObject {
  const name = replicaName(replica);
  const own = { [builderLabel]: builderApp, [builderReplicaLabel]: name };
  const { hostNetwork, rootless, image, resources } = spec;
  const port = portOf(spec, place.namespace, replica);
  const root = rootless ? '/home/user/.local/share/buildkit' : '/var/lib/buildkit';
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, place),
    spec: {
      replicas: 1,
      // Two must never write to one cache.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: own },
      template: {
        metadata: {
          labels: own,
          annotations: { [builderSettingsAnnotation]: `${place.registry ?? ''} ${place.plainHttp}` },
        },
        spec: {
          ...(hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name: containerName,
              image: image ?? (rootless ? images.rootless : images.root),
              args: argsOf(spec, port, root),
              securityContext: securityOf(spec),
              ...(resources ? { resources } : {}),
              volumeMounts: [
                { name: 'cache', mountPath: root },
                { name: 'settings', mountPath: '/etc/sluice-buildkit' },
                { name: 'run', mountPath: rootless ? '/run/user/1000' : '/run' },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'cache', ...cacheVolume(spec, name) },
            { name: 'settings', configMap: { name: settingsName } },
            { name: 'run', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** It listens for this pod alone: whoever may forward a port of the pod may build. */
const argsOf = ({ hostNetwork, rootless }: ClusterBuilder, port: number, root: string): readonly string[] => [
  '--config=/etc/sluice-buildkit/buildkitd.toml',
  `--addr=tcp://127.0.0.1:${port}`,
  `--root=${root}`,
  ...(hostNetwork ? ['--oci-worker-net=host'] : []),
  ...(rootless ? ['--oci-worker-no-process-sandbox'] : []),
];

const securityOf = ({ rootless }: ClusterBuilder): object =>
  rootless
    ? {
        runAsUser: 1000,
        runAsGroup: 1000,
        seccompProfile: { type: 'Unconfined' },
        appArmorProfile: { type: 'Unconfined' },
      }
    : { privileged: true };

const cacheVolume = ({ cache }: ClusterBuilder, name: string): object =>
  cache.claim
    ? { persistentVolumeClaim: { claimName: name } }
    : { emptyDir: cache.size ? { sizeLimit: cache.size } : {} };
