// workload/*, endpoints/*: what controllers say of our workloads, and which pods take traffic.
import type { Action } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import type { EngineState } from '../../model/state.ts';
import type { Workload } from '../../model/workload.ts';
import { pluralOf } from '../readiness/watched.ts';

type WorkloadFact = Extract<
  Action,
  { type: 'workloads/listed' | 'workload/seen' | 'endpoints/listed' | 'endpoints/seen' }
>;

export function workloadFact(state: EngineState, fact: WorkloadFact): EngineState {
  switch (fact.type) {
    case 'workload/seen':
      return { ...state, workloads: withWorkloads(state.workloads, [fact.workload]) };
    case 'workloads/listed': {
      const there = new Set(fact.uids);
      const gone = Object.values(state.workloads).filter(
        ({ uid, kind, namespace, isGone }) =>
          !isGone && pluralOf[kind] === fact.kind && namespace === fact.namespace && !there.has(uid),
      );
      if (gone.length === 0) return state;
      const how = gone.map((workload) => ({ ...workload, isGone: true }));
      return { ...state, workloads: withWorkloads(state.workloads, how) };
    }
    case 'endpoints/seen': {
      const { uid, pods } = fact.endpoints;
      const { [uid]: before, ...others } = state.endpoints;
      // A slice changes with each condition of each pod: what counts is who takes traffic.
      if ((before?.pods ?? []).join() === pods.join()) return state;
      return { ...state, endpoints: pods.length > 0 ? { ...others, [uid]: fact.endpoints } : others };
    }
    case 'endpoints/listed': {
      const there = new Set(fact.uids);
      const kept = Object.entries(state.endpoints).filter(
        ([uid, { namespace }]) => namespace !== fact.namespace || there.has(uid),
      );
      return kept.length === Object.keys(state.endpoints).length
        ? state
        : { ...state, endpoints: Object.fromEntries(kept) };
    }
  }
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
