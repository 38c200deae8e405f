// The order in which objects are applied: what others need comes first, as helm and kubectl sort. Webhooks come last: one
// that does not answer yet would refuse everything applied after it.
import type { KubeObject } from '../config.ts';
import { isCustom } from './down-order.ts';

const first = [
  'PriorityClass',
  'Namespace',
  'CustomResourceDefinition',
  'RuntimeClass',
  'StorageClass',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
];
const workloads = [
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'Job',
  'CronJob',
  'HorizontalPodAutoscaler',
  'IngressClass',
  'Ingress',
  'APIService',
];
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
const ranks: ReadonlyMap<string, number> = new Map(
  [...first, ...workloads, '', ...last].map((kind, rank) => [kind, rank]),
);

/**
 * Objects of equal rank may be applied at once. Kinds that others define come after all workloads, before webhooks, also where
 * they bear a name of the cluster's own (the Service of Knative).
 */
export const kindRank = (object: KubeObject): number =>
  (isCustom(object) ? undefined : ranks.get(object.kind)) ?? first.length + workloads.length;

/** Sorted for applying, otherwise as given; reversed it is the order of deleting. */
export const kindOrder = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  [...objects].sort((a, b) => kindRank(a) - kindRank(b));
