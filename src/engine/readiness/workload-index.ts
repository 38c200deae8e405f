// The workloads that are known, by name and by owner: looked up at every fact, put in order once per set of them.
import type { PodsWanted } from '../../model/manifests/images/inject.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { Workload } from '../../model/pods/workload.ts';
import type { EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';

interface Known {
  readonly byName: ReadonlyMap<string, Workload>;
  readonly byOwner: ReadonlyMap<string, readonly Workload[]>;
}

const ordered = new WeakMap<EngineState['workloads'], Known>();

function knownIn({ workloads }: EngineState): Known {
  const known = ordered.get(workloads);
  if (known) return known;
  const byName = new Map<string, Workload>();
  const byOwner = new Map<string, Workload[]>();
  for (const workload of Object.values(workloads)) {
    if (workload.isGone) continue;
    byName.set(nameKey(workload), workload);
    if (workload.owner) byOwner.set(workload.owner.uid, [...(byOwner.get(workload.owner.uid) ?? []), workload]);
  }
  const found = { byName, byOwner };
  ordered.set(workloads, found);
  return found;
}

const nameKey = ({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string =>
  `${kind}/${namespace}/${name}`;

/**
 * What was applied; once that is gone, what somebody made in its place under the same name. Null while it has not been seen: one
 * of the same name may be there still, on its way out. A Job that is gone has no place to fill.
 */
export function workloadFor(state: EngineState, { kind, controller }: PodsWanted): Workload | null {
  const own = lookup(state.workloads, controller?.uid ?? '');
  if (!own) return null;
  return own.isGone && kind !== 'Job' ? (knownIn(state).byName.get(nameKey(own)) ?? own) : own;
}

/** Those that this one made: the ReplicaSets of a Deployment. */
export const madeBy = (state: EngineState, uid: string): readonly Workload[] => knownIn(state).byOwner.get(uid) ?? [];

/**
 * Whether a pod is of the newest revision, as far as the controller tells; null where it does not. Two templates that bear the
 * same label of ours may differ: one of them was changed by hand.
 */
export function isOfNewest(state: EngineState, workload: Workload, pod: Pod): boolean | null {
  if (workload.revision === null || workload.observedGeneration < workload.generation) return null;
  if (workload.kind === 'StatefulSet') {
    const revision = pod.labels['controller-revision-hash'];
    return pod.owner?.uid === workload.uid && revision !== undefined ? revision === workload.revision : null;
  }
  const makers = madeBy(state, workload.uid);
  const maker = makers.find(({ uid }) => uid === pod.owner?.uid);
  return maker && makers.some(({ revision }) => revision === workload.revision)
    ? maker.revision === workload.revision
    : null;
}
