// pod/*, pods/*: what runs, and what of it this session has heard.

import type { ComposeSpec } from '../../../model/config.ts';
import type { Action } from '../../../model/fact.ts';
import { startOf } from '../../../model/pods/log-run.ts';
import type { KnownOfPod, Pod } from '../../../model/pods/pod.ts';
import type { EngineState, Trial } from '../../../model/state.ts';
import { lookup } from '../../../model/text/lookup.ts';
import { deployOf, withDeploy, withResource } from '../../resources/resource.ts';
import { isRunning } from '../../resources/run.ts';
import { resourceOfPod } from '../../runtime/pod-owner.ts';
import { looked, trialKey } from '../../runtime/trial.ts';

type PodFact = Extract<Action, { type: `pod/${string}` | `pods/${string}` }>;

export function podFact(state: EngineState, fact: PodFact): EngineState {
  switch (fact.type) {
    case 'pod/seen':
      return {
        ...withPod(emptied(state, fact.pod), {
          ...fact.pod,
          known: lookup(state.pods, fact.pod.uid)?.known ?? knownOf(fact.pod),
        }),
        trials: looked(state.trials, fact.pod, fact.at),
      };
    case 'pod/gone':
      return forget(state, [fact.uid]);
    case 'pods/listed': {
      const there = new Set(fact.uids);
      const gone = Object.values(state.pods).filter(
        ({ namespace, uid }) => namespace === fact.namespace && !there.has(uid),
      );
      return gone.length > 0
        ? forget(
            state,
            gone.map(({ uid }) => uid),
          )
        : state;
    }
  }
}

/**
 * What was put into a container stays where Docker starts it again, but for what is kept in memory. A rule that restarts would only
 * empty it anew.
 */
function emptied(state: EngineState, pod: Pod): EngineState {
  const [before, now] = [lookup(state.pods, pod.uid)?.containers[0], pod.containers[0]];
  const isAgain = now?.id != null && before?.startedAt != null && before.startedAt !== now.startedAt;
  if (!pod.compose || !isAgain || !Object.hasOwn(state.ledgers, now.id as string)) return state;
  const resource = lookup(state.resources, resourceOfPod(state, pod) ?? '');
  if (resource?.kind !== 'compose' || isRunning(resource) || !isInMemory(resource.spec)) return state;
  const rules = resource.spec.images.flatMap((ref) => lookup(state.config.current?.images, ref)?.live ?? []);
  if (rules.some(({ is }) => is === 'restart')) return state;
  const { [now.id as string]: _, ...ledgers } = state.ledgers;
  return { ...state, ledgers };
}

const isInMemory = ({ config: { tmpfs, volumes = [] } }: ComposeSpec): boolean =>
  tmpfs !== undefined || volumes.some(({ type }) => type === 'tmpfs');

const withPod = (state: EngineState, pod: Pod): EngineState => ({ ...state, pods: { ...state.pods, [pod.uid]: pod } });

/** Restarts of a container that is up when it is first seen are history of another session's. */
function knownOf({ containers }: Pod): KnownOfPod {
  const old = containers.filter(({ ready, restarts }) => ready && restarts > 0);
  return { restarts: Object.fromEntries(old.map(({ name, restarts }) => [name, restarts])), heard: [] };
}

/** log/ended. Kept of those that the pod still tells of: a container that crashes for days has many ids. */
export function heard(state: EngineState, uid: string, container: string): EngineState {
  const pod = lookup(state.pods, uid);
  if (!pod?.known || pod.known.heard.includes(container)) return state;
  const told = new Set(pod.containers.flatMap((each) => [each.id, each.last?.id, startOf(each)]));
  const kept = pod.known.heard.filter((id) => told.has(id));
  return withPod(state, { ...pod, known: { ...pod.known, heard: [...kept, container] } });
}

/** A container that a run left running, and that goes without one, was taken away by somebody else: nothing brings it back. */
function withLoss(state: EngineState, uid: string): EngineState {
  const pod = lookup(state.pods, uid);
  const name = pod?.compose ? resourceOfPod(state, pod) : null;
  if (!pod || name === null) return state;
  return withResource(state, name, (resource) => {
    const deploy = deployOf(resource);
    const isOurs = deploy?.result?.containers?.includes(uid) && !isRunning(resource) && resource.enabled;
    if (!deploy?.result || !isOurs) return resource;
    // Who takes away what has ended well undoes nothing.
    if (pod.phase === 'Succeeded') return withDeploy(resource, { result: { ...deploy.result, alreadyDone: true } });
    return withDeploy(resource, { lost: [...deploy.lost, pod.name] });
  });
}

/** A pod goes with the ledgers and trials of its containers: a container id never comes back. */
function forget(before: EngineState, uids: readonly string[]): EngineState {
  const state = uids.reduce(withLoss, before);
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
