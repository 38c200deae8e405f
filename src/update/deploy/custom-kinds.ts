// Kinds that this deploy itself defines: the cluster does not know them before their CustomResourceDefinition is applied,
// and for a moment after.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import { list, record, text } from '../../model/manifests/workload.ts';
import type { KubePort } from '../../model/ports.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { hasCode, ProblemError } from '../../model/problems/problem.ts';

export interface CustomKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const isDefinition = (object: KubeObject): boolean =>
  object.kind === 'CustomResourceDefinition' && object.apiVersion.startsWith('apiextensions.k8s.io/');

/** Every served version of what these objects define. */
export function customKinds(objects: readonly KubeObject[]): readonly CustomKind[] {
  return objects.filter(isDefinition).flatMap(({ spec }) => {
    const { group, names, scope, versions } = record(spec);
    const kind = text(record(names).kind);
    if (kind === null || text(group) === null) return [];
    return list(versions)
      .filter(({ served }) => served !== false)
      .map(({ name }) => ({ apiVersion: `${group}/${name}`, kind, namespaced: scope !== 'Cluster' }));
  });
}

/** Resolves when the cluster serves all of them. Rejects with S361 after limits.kindServedMs. */
export async function untilServed(kube: KubePort, kinds: readonly CustomKind[], stop: AbortSignal): Promise<void> {
  const deadline = performance.now() + limits.kindServedMs;
  for (const { apiVersion, kind } of kinds) {
    while (!(await isServed(kube, apiVersion, kind, stop))) {
      if (performance.now() > deadline)
        throw new ProblemError({
          kind: 'timeout',
          code: 'S361',
          what: `the cluster does not serve ${kind} of ${apiVersion} ${limits.kindServedMs / 1000} s after its definition was applied`,
          hint: 'see the conditions of its CustomResourceDefinition: kubectl describe crd',
        });
      await sleep(limits.gonePollMs, undefined, { signal: stop });
    }
  }
}

async function isServed(kube: KubePort, apiVersion: string, kind: string, stop: AbortSignal): Promise<boolean> {
  try {
    await kube.isNamespaced(apiVersion, kind, stop);
    return true;
  } catch (error) {
    if (hasCode(error, problemCodes.unknownKind)) return false;
    throw error;
  }
}
