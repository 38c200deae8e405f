// What a fact says, taken into the state: by its noun, the part of its type before the slash. Nothing is decided here.
import type { Action } from '../../model/fact.ts';
import type { EngineState } from '../../model/state.ts';
import { withResource } from '../resources/resource.ts';
import { answered, trialKey } from '../runtime/trial.ts';
import { clockFact } from './clock.ts';
import { endpointsFact } from './cluster/endpoints.ts';
import { eventFact } from './cluster/events.ts';
import { heard, podFact } from './cluster/pods.ts';
import { serviceFact } from './cluster/services.ts';
import { workloadFact } from './cluster/workloads.ts';
import { configFact } from './config.ts';
import { feedFact } from './feeds.ts';
import { filesFact, gitFact } from './files.ts';
import { clusterFact, dockerFact } from './outside.ts';
import { removalEnded, restartEnded } from './removals.ts';
import { runFact } from './runs.ts';
import { serverFact } from './servers.ts';
import { bugFact, sessionFact } from './session.ts';
import { userAsked } from './user.ts';

type NounOf<T> = T extends `${infer Noun}/${string}` ? Noun : never;
type Noun = NounOf<Action['type']>;
type Of<N extends Noun> = Extract<Action, { type: `${N}/${string}` }>;
type Fold<N extends Noun> = (state: EngineState, fact: Of<N>) => EngineState;

const folds: { readonly [N in Noun]: Fold<N> } = {
  session: sessionFact,
  config: configFact,
  files: filesFact,
  git: gitFact,
  run: runFact,
  server: serverFact,
  docker: dockerFact,
  cluster: clusterFact,
  pods: podFact,
  pod: podFact,
  services: serviceFact,
  service: serviceFact,
  workloads: workloadFact,
  workload: workloadFact,
  endpoints: endpointsFact,
  event: eventFact,
  trial: trialFact,
  forward: forwardFact,
  log: logFact,
  removal: removalEnded,
  restart: restartEnded,
  feed: feedFact,
  user: userAsked,
  clock: clockFact,
  engine: bugFact,
};

export function fold(state: EngineState, fact: Action): EngineState {
  const noun = fact.type.slice(0, fact.type.indexOf('/')) as Noun;
  return (folds[noun] as Fold<Noun>)(state, fact as never);
}

function trialFact(state: EngineState, { pod, container, begunAt }: Of<'trial'>): EngineState {
  const trials = answered(state.trials, trialKey(pod, container), begunAt);
  return trials === state.trials ? state : { ...state, trials };
}

function forwardFact(state: EngineState, { resource, local, to, status, problem }: Of<'forward'>): EngineState {
  return withResource(state, resource, (r) =>
    r.kind === 'kubernetes' ? { ...r, forwards: { ...r.forwards, [local]: { to, status, problem } } } : r,
  );
}

function logFact(state: EngineState, fact: Of<'log'>): EngineState {
  if (fact.type === 'log/ended') return heard(state, fact.pod, fact.container);
  const { resource, lines, bytes } = fact;
  return withResource(state, resource, (r) => ({ ...r, logs: { lines, bytes } }));
}
