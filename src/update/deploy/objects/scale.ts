// How many pods a workload has is not ours to say where an autoscaler does, one that others made included.
import type { KubeObject } from '../../../model/config.ts';
import { record } from '../../../model/manifests/workload.ts';
import { autoscalersAmong, scales } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { hasCode } from '../../../model/problems/problem.ts';

/**
 * `desired` with as many pods as `existing` has, where something scales it: an autoscaler among the objects deployed with it,
 * or one in the cluster, which is asked only where the numbers differ. `replicas: 0` switches a workload off and stays.
 */
export async function keepScale(
  kube: KubePort,
  desired: KubeObject,
  existing: KubeObject,
  among: readonly KubeObject[],
  stop: AbortSignal,
): Promise<KubeObject> {
  const [wanted, { replicas }] = [record(desired.spec).replicas, record(existing.spec)];
  if (wanted === 0 || !replicas || wanted === replicas) return desired;
  const kept = { ...desired, spec: { ...record(desired.spec), replicas } };
  const isScaled = (scalers: readonly KubeObject[]): boolean => scalers.some((scaler) => scales(scaler, desired));
  if (isScaled(autoscalersAmong(among))) return kept;
  // What the manifest leaves open is not applied, so nothing of it can be taken from anybody.
  return wanted !== undefined && isScaled(await autoscalers(kube, desired, stop)) ? kept : desired;
}

/** None where they may not be looked at. */
async function autoscalers(
  kube: KubePort,
  { metadata }: KubeObject,
  stop: AbortSignal,
): Promise<readonly KubeObject[]> {
  try {
    return await kube.list('autoscaling/v1', 'HorizontalPodAutoscaler', metadata.namespace ?? null, null, stop);
  } catch (error) {
    if (hasCode(error, problemCodes.notAllowed, problemCodes.unknownKind, problemCodes.noObject)) return [];
    throw error;
  }
}
