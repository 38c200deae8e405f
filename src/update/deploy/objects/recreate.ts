// What may be deleted to be made anew, where the cluster lets a field of it not be changed: only what holds nothing that its
// manifest does not say. Definitions of kinds take all their objects along, volumes and custom resources the data behind them.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { record } from '../../../model/manifests/workload.ts';
import { isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { nameOf } from './ownership.ts';

const remade: Readonly<Record<string, readonly string[]>> = {
  '': ['Pod', 'ReplicationController', 'Service', 'ConfigMap', 'Secret'],
  apps: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
  batch: ['Job', 'CronJob'],
  'rbac.authorization.k8s.io': ['RoleBinding', 'ClusterRoleBinding'],
  'networking.k8s.io': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  policy: ['PodDisruptionBudget'],
  autoscaling: ['HorizontalPodAutoscaler'],
  'scheduling.k8s.io': ['PriorityClass'],
  'node.k8s.io': ['RuntimeClass'],
  'storage.k8s.io': ['StorageClass'],
};

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

export function mayBeRemade(existing: KubeObject): boolean {
  const kinds = Object.hasOwn(remade, groupOf(existing.apiVersion)) ? remade[groupOf(existing.apiVersion)] : undefined;
  return (kinds?.includes(existing.kind) ?? false) && !takesClaimsAlong(existing);
}

/** A set may say that the claims of its pods go with it. */
function takesClaimsAlong({ kind, spec }: KubeObject): boolean {
  const { whenDeleted } = record(record(spec).persistentVolumeClaimRetentionPolicy);
  return kind === 'StatefulSet' && whenDeleted === 'Delete';
}

/** The cluster's refusal, with what to do about it. */
export function notRemade(error: unknown, ref: ObjectRef): unknown {
  if (!isProblemError(error)) return error;
  const namespace = ref.namespace ? ` -n ${ref.namespace}` : '';
  const hint = `${nameOf(ref)} is not deleted for a change: what it holds would be gone. If that is meant: kubectl delete ${ref.kind.toLowerCase()} ${ref.name}${namespace}`;
  return new ProblemError({ ...error.problem, kind: 'yours', hint });
}
