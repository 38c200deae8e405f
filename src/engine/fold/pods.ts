// pod/*, service/*, event/*: what the cluster says, folded into which container runs which image of which resource.

import type { Action } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import { lookup } from '../../model/lookup.ts';
import type { ClusterEvent, KnownOfPod, Pod } from '../../model/pod.ts';
import type { EngineState, Trial } from '../../model/state.ts';
import { listed } from '../resources/listed.ts';
import { withResource } from '../resources/resource.ts';
import { resourceOfPod } from '../runtime/belonging.ts';
import { looked, trialKey } from '../runtime/trial.ts';

type ClusterFact = Extract<
  Action,
  {
    type:
      | 'pods/listed'
      | 'pod/seen'
      | 'pod/gone'
      | 'services/listed'
      | 'service/seen'
      | 'service/gone'
      | 'event/seen'
      | 'log/ended';
  }
>;

export function clusterFact(state: EngineState, fact: ClusterFact): EngineState {
  switch (fact.type) {
    case 'pod/seen':
      return {
        ...withPod(state, { ...fact.pod, known: lookup(state.pods, fact.pod.uid)?.known ?? knownOf(fact.pod) }),
        trials: looked(state.trials, fact.pod, fact.at),
      };
    case 'pod/gone':
      return forget(state, [fact.uid]);
    case 'pods/listed': {
      const known = new Set(fact.uids);
      const gone = Object.values(state.pods).filter((pod) => pod.namespace === fact.namespace && !known.has(pod.uid));
      return gone.length > 0
        ? forget(
            state,
            gone.map((pod) => pod.uid),
          )
        : state;
    }
    case 'services/listed': {
      const known = new Set(fact.uids);
      const kept = Object.entries(state.services).filter(
        ([uid, it]) => it.namespace !== fact.namespace || known.has(uid),
      );
      return kept.length === Object.keys(state.services).length
        ? state
        : { ...state, services: Object.fromEntries(kept) };
    }
    case 'service/seen':
      return { ...state, services: { ...state.services, [fact.service.uid]: fact.service } };
    case 'service/gone': {
      const { [fact.uid]: _, ...services } = state.services;
      return { ...state, services };
    }
    case 'event/seen':
      return eventSeen(state, fact.event);
    case 'log/ended':
      return heard(state, fact.pod, fact.container);
  }
}

const withPod = (state: EngineState, pod: Pod): EngineState => ({ ...state, pods: { ...state.pods, [pod.uid]: pod } });

/** Restarts of a container that is up when it is first seen are history of another session's. */
function knownOf({ containers }: Pod): KnownOfPod {
  const old = containers.filter(({ ready, restarts }) => ready && restarts > 0);
  return { restarts: Object.fromEntries(old.map(({ name, restarts }) => [name, restarts])), heard: [] };
}

/** Kept of those that the pod still tells of: a container that crashes for days has many ids. */
function heard(state: EngineState, uid: string, container: string): EngineState {
  const pod = lookup(state.pods, uid);
  if (!pod?.known || pod.known.heard.includes(container)) return state;
  const told = new Set(pod.containers.flatMap(({ id, last }) => [id, last?.id]));
  const kept = pod.known.heard.filter((id) => told.has(id));
  return withPod(state, { ...pod, known: { ...pod.known, heard: [...kept, container] } });
}

/** A pod goes with the ledgers and trials of its containers: a container id never comes back. */
function forget(state: EngineState, uids: readonly string[]): EngineState {
  const pods: Record<string, Pod> = { ...state.pods };
  const ledgers: Record<string, number> = { ...state.ledgers };
  const trials: Record<string, Trial> = { ...state.trials };
  for (const uid of uids) {
    for (const { id, name } of lookup(pods, uid)?.containers ?? []) {
      if (id) delete ledgers[id];
      delete trials[trialKey(uid, name)];
    }
    delete pods[uid];
  }
  return { ...state, pods, ledgers, trials };
}

function eventSeen(state: EngineState, event: ClusterEvent): EngineState {
  const owner = ownerOfEvent(state, event);
  if (!owner) return state;
  return withResource(state, owner, (resource) => {
    const others = resource.events.filter(
      (e) => !(e.object.uid === event.object.uid && e.reason === event.reason && e.message === event.message),
    );
    return { ...resource, events: [...others, event].slice(-limits.eventsPerResource) };
  });
}

export function ownerOfEvent(state: EngineState, event: ClusterEvent): string | null {
  const workload = lookup(state.workloads, event.object.uid);
  const known = lookup(state.pods, event.object.uid) ?? lookup(state.workloads, workload?.owner?.uid ?? '') ?? workload;
  if (known) return resourceOfPod(state, known);
  for (const resource of listed(state)) {
    const isOurs = resource.deployed?.objects.some(
      (object) =>
        isAbout(object, event.object) && (object.namespace ?? resource.deployed?.namespace) === event.object.namespace,
    );
    if (isOurs) return resource.spec.name;
  }
  return null;
}

/** What keeps a Deployment from having pods (a quota, a webhook) is said about its ReplicaSet. */
const isAbout = (own: { kind: string; name: string }, it: { kind: string; name: string }): boolean =>
  own.kind === it.kind
    ? own.name === it.name
    : lookup(madeBy, it.kind) === own.kind && it.name.slice(0, it.name.lastIndexOf('-')) === own.name;

const madeBy: Readonly<Record<string, string>> = { ReplicaSet: 'Deployment', Job: 'CronJob' };
