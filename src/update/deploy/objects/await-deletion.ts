// Waits until an object is really gone: deletion is asked for at once and happens later.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { limits } from '../../../model/limits.ts';
import { podTemplate } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { nameOf } from './ownership.ts';

/** Resolves when no object of this name is left; `uid` given, also when another took its place. Rejects after `maxMs`. */
export async function untilGone(
  kube: KubePort,
  ref: ObjectRef,
  uid: unknown,
  maxMs: number,
  stop: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + maxMs;
  let pauseMs: number = limits.gonePollMs;
  for (;;) {
    const left = await kube.get(ref, stop);
    if (left === null || (uid !== undefined && left.metadata.uid !== uid)) return;
    if (performance.now() > deadline) {
      const finalizers = left.metadata.finalizers;
      const held = Array.isArray(finalizers) && finalizers.length > 0 ? `: held by ${finalizers.join(', ')}` : '';
      throw new ProblemError({
        kind: 'timeout',
        code: 'S363',
        what: `${nameOf(ref)} is still being deleted after ${maxMs / 1000} s${held}`,
        hint: 'see its finalizers, or delete it by hand',
      });
    }
    await sleep(pauseMs, undefined, { signal: stop });
    pauseMs = Math.min(pauseMs * 2, limits.gonePollMaxMs);
  }
}

/** What its pods are given to end, 30 s where they do not say: foreground deletion waits for them. */
export function graceMs(object: KubeObject): number {
  const spec = podTemplate(object)?.spec;
  if (!spec) return 0;
  const { terminationGracePeriodSeconds: seconds = 30 } = spec;
  return typeof seconds === 'number' ? Math.min(seconds * 1000, limits.podGraceMs) : 0;
}
