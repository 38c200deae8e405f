// The builder in the cluster taken away again: what bears its label, in each namespace that the configuration names.
import { setTimeout as sleep } from 'node:timers/promises';
import { builderLimits } from '../../../model/builds/builder.ts';
import type { Config } from '../../../model/config.ts';
import { builderLabel } from '../../../model/labels.ts';
import { objectRef } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { builderApp } from './cluster-objects.ts';

const kinds = [
  ['apps/v1', 'Deployment'],
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'ConfigMap'],
] as const;

/** How many objects were there. `namespace`: where one is that names none, or is no longer in the configuration. */
export async function withoutBuilders(
  kube: KubePort,
  config: Config | null,
  namespace: string,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<number> {
  const named = Object.values(config?.images ?? {}).flatMap(({ build }) =>
    build.is === 'dockerfile' && build.builder?.is === 'cluster' ? [build.builder.namespace ?? namespace] : [],
  );
  let count = 0;
  const places = new Set([...named, namespace]);
  for (const place of places)
    for (const [apiVersion, kind] of kinds)
      for (const object of await kube.list(apiVersion, kind, place, `${builderLabel}=${builderApp}`, stop)) {
        if (await kube.delete(objectRef(object), stop)) count++;
        say(`builder: deleted ${kind.toLowerCase()}/${object.metadata.name}`);
      }
  for (const place of places) if (count > 0) await gone(kube, place, stop);
  return count;
}

/** Deleted is not gone: pods end first. */
async function gone(kube: KubePort, namespace: string, stop: AbortSignal): Promise<void> {
  const until = performance.now() + builderLimits.readyMs;
  for (const [apiVersion, kind] of [...kinds, ['v1', 'Pod'] as const])
    while ((await kube.list(apiVersion, kind, namespace, `${builderLabel}=${builderApp}`, stop)).length > 0) {
      if (performance.now() > until) return;
      await sleep(builderLimits.lookMs, undefined, { signal: stop });
    }
}
