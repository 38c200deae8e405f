// One object into the cluster: server-side apply, and the peers' escalation where that is refused.
import type { KubeObject, ObjectRef } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import { objectRef } from '../model/manifests.ts';
import type { KubePort } from '../model/ports.ts';
import { isProblemError } from '../model/problem.ts';
import { untilGone } from './gone.ts';
import { isShared, refuseForeign } from './ownership.ts';
import { keepRunId } from './run-id.ts';

export interface Applied {
  readonly ref: ObjectRef;
  /** What is in the cluster now. */
  readonly object: KubeObject;
  /** It was there with the same content: nothing changed. */
  readonly unchanged: boolean;
  /** Not made by us and left as it is (a namespace that existed). */
  readonly foreign: boolean;
}

export interface ApplyOptions {
  readonly say: (text: string) => void;
  /** A Job or a bare Pod that nothing else would run again is deleted and made anew. */
  readonly anew: boolean;
}

const digest = (object: KubeObject): string | undefined => object.metadata.annotations?.['sluice.dev/digest'];

/**
 * `options.say` hears of each escalation: too large for an apply → create or replace; immutable field → delete and create;
 * being deleted → wait for it. Rejects with the last refusal.
 */
export async function applyObject(
  kube: KubePort,
  desired: KubeObject,
  options: ApplyOptions,
  stop: AbortSignal,
): Promise<Applied> {
  const { say } = options;
  const ref = objectRef(desired);
  const existing = await settled(kube, ref, say, stop);
  if (existing) refuseForeign(existing, ref);
  if (existing && isShared(ref))
    return {
      ref,
      object: existing,
      unchanged: true,
      foreign: existing.metadata.labels?.['sluice-resource'] === undefined,
    };
  if (existing && options.anew && (ref.kind === 'Job' || ref.kind === 'Pod'))
    return { ref, object: await remade(kube, desired, existing, say, stop), unchanged: false, foreign: false };
  const unchanged = existing !== null && digest(existing) === digest(desired);
  // An unchanged object keeps the run id it has: a new one would roll every pod on every start.
  const object = existing && unchanged ? keepRunId(desired, existing) : desired;
  if (unchanged && isFinishedJob(existing)) return { ref, object: existing, unchanged, foreign: false };
  const applied = await escalate(kube, object, existing, say, stop);
  return {
    ref,
    object: applied,
    unchanged: unchanged && applied.metadata.resourceVersion === existing?.metadata.resourceVersion,
    foreign: false,
  };
}

/** The object as it is, once it is not being deleted any more. */
async function settled(
  kube: KubePort,
  ref: ObjectRef,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<KubeObject | null> {
  const existing = await kube.get(ref, stop);
  if (!existing?.metadata.deletionTimestamp) return existing;
  await waitTerminating(kube, ref, existing, say, stop);
  return null;
}

async function waitTerminating(
  kube: KubePort,
  ref: ObjectRef,
  existing: KubeObject,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  say(`${ref.kind.toLowerCase()}/${ref.name} is being deleted: waiting for it to be gone`);
  await untilGone(kube, ref, existing.metadata.uid, limits.terminatingWaitMs, stop);
}

async function escalate(
  kube: KubePort,
  object: KubeObject,
  existing: KubeObject | null,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<KubeObject> {
  try {
    return await kube.apply(object, stop);
  } catch (error) {
    const code = isProblemError(error) ? error.problem.code : '';
    if (code === 'S315')
      return existing ? kube.replace(withVersion(object, existing), stop) : kube.create(object, stop);
    if (code === 'S316') return againWhenGone(kube, object, say, stop);
    if (existing && code === 'S314') return remade(kube, object, existing, say, stop);
    throw error;
  }
}

const withVersion = (object: KubeObject, existing: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: existing.metadata.resourceVersion },
});

/** The namespace, or the object itself, was still going when we came. */
async function againWhenGone(
  kube: KubePort,
  object: KubeObject,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<KubeObject> {
  const ref = objectRef(object);
  const namespace: ObjectRef | null = ref.namespace
    ? { apiVersion: 'v1', kind: 'Namespace', name: ref.namespace, namespace: null }
    : null;
  say(`${ref.kind.toLowerCase()}/${ref.name} waits for what is being deleted`);
  await untilGone(kube, ref, undefined, limits.terminatingWaitMs, stop);
  const holder = namespace ? await kube.get(namespace, stop) : null;
  if (namespace && holder?.metadata.deletionTimestamp)
    await untilGone(kube, namespace, holder.metadata.uid, limits.terminatingWaitMs, stop);
  return kube.apply(object, stop);
}

async function remade(
  kube: KubePort,
  object: KubeObject,
  existing: KubeObject,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<KubeObject> {
  const ref = objectRef(object);
  say(`${ref.kind.toLowerCase()}/${ref.name} cannot be changed in place: it is deleted and made anew`);
  await kube.delete(ref, stop);
  await untilGone(kube, ref, existing.metadata.uid, limits.deleteWaitMs, stop);
  return kube.apply(object, stop);
}

export function isFinishedJob(object: KubeObject | null): boolean {
  if (object?.kind !== 'Job') return false;
  const { conditions } = (object.status ?? {}) as { conditions?: readonly { type?: string; status?: string }[] };
  return conditions?.some(({ type, status }) => type === 'Complete' && status === 'True') ?? false;
}
