// Which workloads are to be watched, and whether they may be.

import type { KubeObject } from '../../model/config.ts';
import { type WorkloadKind, workloadKinds } from '../../model/pods/workload.ts';
import type { WatchedKind } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { namespaceOf } from '../reach.ts';
import { listed } from '../resources/resource-list.ts';

export const pluralOf: Readonly<Record<WorkloadKind, WatchedKind>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
  ReplicationController: 'replicationcontrollers',
  Job: 'jobs',
};

const groups: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  ReplicationController: '',
  Job: 'batch',
};

/** Null for what a controller of Kubernetes' own does not know: a custom kind may bear the same name. */
export function controlledKind({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): WorkloadKind | null {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return workloadKinds.find((known) => known === kind && groups[known] === group) ?? null;
}

/** Kinds and namespaces of what is deployed; with Deployments their ReplicaSets, which tell the newest pods from others. */
export function watchedWorkloads(state: EngineState): readonly { kind: WatchedKind; namespace: string }[] {
  if (!state.cluster.ok) return [];
  const found = new Map<string, { kind: WatchedKind; namespace: string }>();
  for (const { spec } of listed(state)) {
    if (spec.kind !== 'kubernetes') continue;
    for (const { object } of spec.objects) {
      const own = controlledKind(object);
      const namespace = object.metadata.namespace ?? namespaceOf(state);
      const kinds = own === 'Deployment' ? (['Deployment', 'ReplicaSet'] as const) : own ? [own] : [];
      for (const kind of kinds) found.set(`${kind} ${namespace}`, { kind: pluralOf[kind], namespace });
    }
  }
  return [...found.values()];
}

/** Denied: then it is told by the pods how a workload stands. */
export const mayWatch = (state: EngineState, kind: WorkloadKind, namespace: string): boolean =>
  lookup(state.feeds, `${pluralOf[kind]}/${namespace}`)?.problem?.kind !== 'denied';
