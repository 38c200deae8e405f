// Which resource an event of the cluster is about.

import type { ClusterEvent } from '../../model/pods/pod.ts';
import type { EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { deployOf } from '../resources/resource.ts';
import { listed } from '../resources/resource-list.ts';
import { resourceOfPod } from './pod-owner.ts';

/** Null: about none of ours. */
export function ownerOfEvent(state: EngineState, event: ClusterEvent): string | null {
  const workload = lookup(state.workloads, event.object.uid);
  const known = lookup(state.pods, event.object.uid) ?? lookup(state.workloads, workload?.owner?.uid ?? '') ?? workload;
  if (known) return resourceOfPod(state, known);
  for (const resource of listed(state)) {
    const deployed = deployOf(resource)?.result;
    const isOurs = deployed?.objects.some(
      (object) => isAbout(object, event.object) && (object.namespace ?? deployed.namespace) === event.object.namespace,
    );
    if (isOurs) return resource.spec.name;
  }
  return null;
}

interface Named {
  readonly kind: string;
  readonly name: string;
}

/** What keeps a Deployment from having pods (a quota, a webhook) is said about its ReplicaSet, or about the claims of a StatefulSet. */
const isAbout = (own: Named, other: Named): boolean =>
  own.kind === other.kind
    ? own.name === other.name
    : isClaimOf(own, other) ||
      (lookup(madeBy, other.kind) === own.kind && other.name.slice(0, other.name.lastIndexOf('-')) === own.name);

/** `TEMPLATE-SET-ORDINAL`. */
const isClaimOf = (own: Named, { kind, name }: Named): boolean =>
  kind === 'PersistentVolumeClaim' &&
  own.kind === 'StatefulSet' &&
  /-\d+$/.test(name) &&
  name.replace(/-\d+$/, '').endsWith(`-${own.name}`);

const madeBy: Readonly<Record<string, string>> = { ReplicaSet: 'Deployment', Job: 'CronJob' };
