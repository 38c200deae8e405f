// Jobs run once for each state of their manifest: how they ended, and which are done although their object is gone.
import type { KubeObject, ObjectRef } from '../../model/config.ts';
import { digestAnnotation } from '../../model/labels.ts';
import { record } from '../../model/manifests/workload.ts';
import { hookOf } from '../../model/manifests.ts';
import type { KubePort } from '../../model/ports.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import type { JobNote } from '../../model/run.ts';

export const digestOfObject = (object: KubeObject): string => object.metadata.annotations?.[digestAnnotation] ?? '';

const hasCondition = (object: KubeObject | null, wanted: string): boolean => {
  if (object?.kind !== 'Job') return false;
  const { conditions } = record(object.status);
  return Array.isArray(conditions) && conditions.some(({ type, status }) => type === wanted && status === 'True');
};

export const isFinishedJob = (object: KubeObject | null): boolean => hasCondition(object, 'Complete');
export const isFailedJob = (object: KubeObject | null): boolean => hasCondition(object, 'Failed');

/** Such a Job is taken away some time after it ended, by the cluster or as a hook: that it was done must be remembered. */
export const vanishes = (object: KubeObject): boolean =>
  object.kind === 'Job' &&
  (record(object.spec).ttlSecondsAfterFinished !== undefined ||
    (hookOf(object)?.deletedWhen.includes('succeeded') ?? false));

/**
 * Which incarnation of a namespace a Job was done in: a cluster made anew under the same name must run it again. Null where
 * this may not be looked at: then nothing is remembered.
 */
export async function homeOf(kube: KubePort, ref: ObjectRef, stop: AbortSignal): Promise<string | null> {
  const namespace: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: ref.namespace ?? '', namespace: null };
  try {
    const uid = (await kube.get(namespace, stop))?.metadata.uid;
    return typeof uid === 'string' ? uid : null;
  } catch (error) {
    if (isProblemError(error) && error.problem.kind === 'denied') return null;
    throw error;
  }
}

/** It was done, with this very manifest, in this very namespace, and only its object went. */
export async function isDoneAndGone(
  kube: KubePort,
  desired: KubeObject,
  ref: ObjectRef,
  note: JobNote | undefined,
  stop: AbortSignal,
): Promise<boolean> {
  if (!note?.isDone || note.home === null || !vanishes(desired) || note.digest !== digestOfObject(desired))
    return false;
  return (await homeOf(kube, ref, stop)) === note.home;
}
