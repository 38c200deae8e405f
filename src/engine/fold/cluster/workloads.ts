// workload/*, workloads/*: what controllers say of our workloads.
import type { Action } from '../../../model/fact.ts';
import { limits } from '../../../model/limits.ts';
import type { Workload } from '../../../model/pods/workload.ts';
import type { EngineState } from '../../../model/state.ts';
import { pluralOf } from '../../readiness/watched-workloads.ts';

type WorkloadFact = Extract<Action, { type: 'workloads/listed' | 'workload/seen' }>;

export function workloadFact(state: EngineState, fact: WorkloadFact): EngineState {
  if (fact.type === 'workload/seen') return { ...state, workloads: withWorkloads(state.workloads, [fact.workload]) };
  const there = new Set(fact.uids);
  const gone = Object.values(state.workloads).filter(
    ({ uid, kind, namespace, isGone }) =>
      !isGone && pluralOf[kind] === fact.kind && namespace === fact.namespace && !there.has(uid),
  );
  const news = [...(fact.news ?? []), ...gone.map((workload) => ({ ...workload, isGone: true }))];
  return news.length === 0 ? state : { ...state, workloads: withWorkloads(state.workloads, news) };
}

/** Those that are gone stay for a while, the newest longest: a Job that was done stays done. */
function withWorkloads(known: EngineState['workloads'], news: readonly Workload[]): EngineState['workloads'] {
  const all: Record<string, Workload> = { ...known };
  for (const workload of news) {
    if (workload.isGone) delete all[workload.uid];
    all[workload.uid] = workload;
  }
  const gone = Object.values(all).filter(({ isGone }) => isGone);
  for (const { uid } of gone.slice(0, Math.max(0, gone.length - limits.goneWorkloads))) delete all[uid];
  return all;
}
