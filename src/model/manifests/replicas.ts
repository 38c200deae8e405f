// What runs pods, and how many of them there should be at least.
import type { KubeObject, KubeSpec } from '../config.ts';
import { concerns } from './references.ts';
import { record, templatePath } from './workload.ts';

/** `among`: the objects of its resource, an autoscaler perhaps among them. Null for what runs no pods. */
export function workloadOf(object: KubeObject, among: readonly KubeObject[]): KubeSpec['workload'] {
  if (!templatePath(object)) return null;
  const { name, namespace = null } = object.metadata;
  return { kind: object.kind, name, namespace, replicas: replicasOf(object, among) };
}

/** A Job is done by and by, whatever it stands beside. */
export const isLasting = ({ kind }: { readonly kind: string }): boolean => kind !== 'Job' && kind !== 'CronJob';

/** An autoscaler may take a workload below what its manifest says, down to its own minimum. */
function replicasOf(object: KubeObject, among: readonly KubeObject[]): number {
  const spec = record(object.spec);
  const given = object.kind === 'Job' ? spec.parallelism : spec.replicas;
  const scaler = among.find((each) => each.kind === 'HorizontalPodAutoscaler' && concerns(each, object));
  if (!scaler) return typeof given === 'number' ? given : 1;
  const { minReplicas } = record(scaler.spec);
  const least = typeof minReplicas === 'number' ? minReplicas : 1;
  return typeof given === 'number' ? Math.min(given, least) : least;
}
