// One object into the cluster: server-side apply, and the peers' escalation where that is refused.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { projectLabel } from '../../../model/labels.ts';
import { limits } from '../../../model/limits.ts';
import { isCustom } from '../../../model/manifests/down-order.ts';
import { hookOf, objectRef } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { hasCode, isProblemError, type Problem, ProblemError } from '../../../model/problems/problem.ts';
import type { Project } from '../../../model/project.ts';
import type { JobNote } from '../../../model/run.ts';
import { digestOfObject, isDoneAndGone, isFailedJob, isFinishedJob } from '../jobs.ts';
import { takeOver } from './adopt.ts';
import { isAlready } from './already-applied.ts';
import { graceMs, untilGone } from './await-deletion.ts';
import { isShared, nameOf, type Ownership, ownershipOf, refusal } from './ownership.ts';
import { mayBeRemade, notRemade } from './recreate.ts';
import { keepRunId } from './run-id.ts';
import { keepScale } from './scale.ts';

export interface Applied {
  readonly ref: ObjectRef;
  /** What is in the cluster now. */
  readonly object: KubeObject;
  /** It was there with the same content: nothing changed. */
  readonly unchanged: boolean;
  /** Not made by us and left as it is (a namespace that existed). */
  readonly foreign: boolean;
  /** A Job that had run to its end before, with this very manifest. */
  readonly done: boolean;
}

export interface Telling {
  readonly say: (text: string) => void;
  /** Told what has to be gone first, before it is waited for. */
  readonly waits: (what: string) => void;
}

export interface ApplyOptions extends Telling {
  readonly project: Project;
  /** What has no project is taken over. */
  readonly adopt: boolean;
  /** It is known from this directory that an earlier version made it. */
  readonly isRemembered: boolean;
  /** A Job or a bare Pod that nothing else would run again is deleted and made anew. */
  readonly anew: boolean;
  /** What is remembered of this Job from an earlier deploy. */
  readonly job?: JobNote | undefined;
  /** What is deployed with it: an autoscaler of it perhaps. */
  readonly among?: readonly KubeObject[];
}

/**
 * `options.say` hears of each escalation: too large for an apply → create or replace; immutable field → delete and create;
 * being deleted → wait for it; kind or namespace not there yet → once more. Rejects with the last refusal.
 */
export async function applyObject(
  kube: KubePort,
  desired: KubeObject,
  options: ApplyOptions,
  stop: AbortSignal,
): Promise<Applied> {
  try {
    return await applied(kube, desired, options, stop);
  } catch (error) {
    // Another has made it since it was looked for: whose it is, is asked of what is there now.
    if (!hasCode(error, problemCodes.conflict)) throw error;
    return applied(kube, desired, options, stop);
  }
}

async function applied(
  kube: KubePort,
  desired: KubeObject,
  options: ApplyOptions,
  stop: AbortSignal,
): Promise<Applied> {
  const { say } = options;
  const ref = objectRef(desired);
  const seen = options.anew ? null : await kube.sighted(ref, `${projectLabel}=${options.project.label}`, stop);
  if (seen && isUntouched(seen, desired, options.project))
    return { ref, object: seen, unchanged: true, foreign: false, done: isFinishedJob(seen) };
  const before = await settled(kube, ref, options, stop);
  if (before === 'out of sight') return { ref, object: desired, unchanged: true, foreign: true, done: false };
  const as = (object: KubeObject, unchanged: boolean, done = false): Applied => ({
    ref,
    object,
    unchanged,
    done,
    foreign: false,
  });
  if (before === null) {
    if (!options.anew && (await isDoneAndGone(kube, desired, ref, options.job, stop))) return as(desired, true, true);
    return as(await escalate(kube, desired, null, options, stop), false);
  }
  const ownership = ownershipOf(before, options.project);
  if (isShared(ref)) return { ...as(before, true), foreign: ownership.is !== 'ours' };
  await claimed(kube, ref, ownership, options, stop);
  const unchanged = digestOfObject(before) === digestOfObject(desired);
  const runsOnce = !isCustom(ref) && (ref.kind === 'Job' || ref.kind === 'Pod');
  // A hook runs at each upgrade, which a part of the manifest that could be changed in place would not bring about.
  const isAnew = options.anew || (!unchanged && hookOf(desired) !== null);
  if (runsOnce && (isAnew || (unchanged && isFailedJob(before))))
    return as(await remade(kube, desired, before, say, stop), false);
  if (unchanged && isFinishedJob(before)) return as(before, true, true);
  const object = await keepScale(kube, keepRunId(desired, before, unchanged), before, options.among ?? [], stop);
  if (unchanged && ownership.is === 'ours' && isAlready(object, before)) return as(before, true);
  const after = await escalate(kube, object, before, options, stop);
  return as(after, unchanged && after.metadata.resourceVersion === before.metadata.resourceVersion);
}

/** Ours, and with all that we would apply: whoever else is in doubt of anything asks for the object itself. */
function isUntouched(seen: KubeObject, desired: KubeObject, project: Project): boolean {
  if (seen.metadata.deletionTimestamp !== undefined || isShared(objectRef(seen)) || isFailedJob(seen)) return false;
  if (ownershipOf(seen, project).is !== 'ours' || digestOfObject(seen) !== digestOfObject(desired)) return false;
  return isFinishedJob(seen) || isAlready(keepRunId(desired, seen, true), seen);
}

/** Rejects for what is not ours to change. */
async function claimed(
  kube: KubePort,
  ref: ObjectRef,
  ownership: Ownership,
  { say, adopt, isRemembered }: ApplyOptions,
  stop: AbortSignal,
): Promise<void> {
  if (ownership.is === 'ours' || (ownership.is === 'earlier' && isRemembered)) return;
  if (!adopt || ownership.is === 'another') throw refusal(ref, ownership);
  await takeOver(kube, ref, say, stop);
}

/**
 * The object as it is, once it is not being deleted any more. A namespace that we may not look at is taken for one that is
 * there: rights on what is inside do not bring rights on itself.
 */
async function settled(
  kube: KubePort,
  ref: ObjectRef,
  { say, waits }: Telling,
  stop: AbortSignal,
): Promise<KubeObject | null | 'out of sight'> {
  try {
    const existing = await kube.get(ref, stop);
    if (!existing?.metadata.deletionTimestamp) return existing;
    waits(nameOf(ref));
    await untilGone(kube, ref, existing.metadata.uid, limits.terminatingWaitMs + graceMs(existing), stop);
    return null;
  } catch (error) {
    if (!isShared(ref) || !hasCode(error, problemCodes.notAllowed)) throw error;
    say(`${nameOf(ref)} is used as it is: ${error.problem.what}`);
    return 'out of sight';
  }
}

async function escalate(
  kube: KubePort,
  object: KubeObject,
  existing: KubeObject | null,
  { say, waits }: Telling,
  stop: AbortSignal,
): Promise<KubeObject> {
  try {
    // Of what was not there: unasked, an apply would take over what another project has made a moment ago.
    return await kube.apply(object, stop, { onlyNew: existing === null });
  } catch (error) {
    const code = isProblemError(error) ? error.problem.code : '';
    if (code === problemCodes.objectTooLarge)
      return existing ? kube.replace(withVersion(object, existing), stop) : kube.create(object, stop);
    if (code === problemCodes.beingDeleted) return againWhenGone(kube, object, waits, stop);
    if (code === problemCodes.unknownKind || code === problemCodes.noObject)
      return againInAMoment(kube, object, existing === null, stop);
    if (existing && code === problemCodes.fixedField) {
      if (!mayBeRemade(existing)) throw notRemade(error, objectRef(object));
      return remade(kube, object, existing, say, stop);
    }
    throw error;
  }
}

const withVersion = (object: KubeObject, existing: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: existing.metadata.resourceVersion },
});

/** The kind or the namespace was made a moment ago. */
async function againInAMoment(
  kube: KubePort,
  object: KubeObject,
  onlyNew: boolean,
  stop: AbortSignal,
): Promise<KubeObject> {
  await sleep(limits.notFoundPauseMs, undefined, { signal: stop });
  try {
    return await kube.apply(object, stop, { onlyNew });
  } catch (error) {
    throw withNamespace(error, object);
  }
}

/** That of which a refusal says that it is not there, null for any other. */
export const missingNamespace = ({ what }: Problem): string | null =>
  /namespaces "([^"]*)" not found/.exec(what)?.[1] ?? null;

/** A refusal because the namespace is not there, with what to do about it; any other as it is. */
export function withNamespace(error: unknown, { metadata }: KubeObject): unknown {
  const { namespace } = metadata;
  if (namespace === undefined || !isProblemError(error) || missingNamespace(error.problem) === null) return error;
  const hint = `make it: kubectl create namespace ${namespace}, or put a Namespace object into the manifests; where one stands there, it was deleted: sluice trigger uncategorized`;
  return new ProblemError({ ...error.problem, kind: 'yours', hint });
}

/** The namespace, or the object itself, was still going when we came. */
async function againWhenGone(
  kube: KubePort,
  object: KubeObject,
  waits: (what: string) => void,
  stop: AbortSignal,
): Promise<KubeObject> {
  const ref = objectRef(object);
  const holder: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: ref.namespace ?? '', namespace: null };
  for (const going of ref.namespace ? [holder, ref] : [ref]) {
    const found = await kube.get(going, stop);
    if (!found?.metadata.deletionTimestamp) continue;
    waits(nameOf(going));
    await untilGone(kube, going, found.metadata.uid, limits.terminatingWaitMs + graceMs(found), stop);
  }
  return againInAMoment(kube, object, true, stop);
}

async function remade(
  kube: KubePort,
  object: KubeObject,
  existing: KubeObject,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<KubeObject> {
  const ref = objectRef(object);
  say(`${nameOf(ref)} cannot be changed in place: it is deleted and made anew`);
  await kube.delete(ref, stop);
  await untilGone(kube, ref, existing.metadata.uid, limits.deleteWaitMs + graceMs(existing), stop);
  return kube.apply(object, stop, { onlyNew: true });
}
