// (state, fact) → state: fold the fact, then, at the end of its turn, let the planner decide. Pure; time comes with the fact.

import type { Action } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Health } from '../model/public-state.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { clockSet } from './fold/clock.ts';
import { configBroken, configLoaded } from './fold/config.ts';
import { clusterGone, failing, feedFailed } from './fold/feeds.ts';
import { filesChanged } from './fold/files.ts';
import { clusterFact } from './fold/pods.ts';
import { removalEnded, restartEnded } from './fold/removals.ts';
import { runFact } from './fold/runs.ts';
import { dueRestarts, serverFact } from './fold/servers.ts';
import { stopAsked, userAsked } from './fold/user.ts';
import { away, mended, troubled, watched } from './fold/watching.ts';
import { workloadFact } from './fold/workloads.ts';
import { plan } from './plan/plan.ts';
import { withGuard } from './reach.ts';
import { replaced } from './resources/listed.ts';
import { ask, withResource } from './resources/resource.ts';
import { those } from './resources/those.ts';
import { answered, trialKey } from './runtime/trial.ts';
import { exitCodes } from './verdict.ts';

const unknown: Health = { ok: false, status: 'unknown' };

/** The state before the first fact. */
export const seed: EngineState = {
  phase: 'starting',
  options: { runId: '', file: '', dir: '', watch: true, updateMode: 'auto', only: [], context: null, namespace: null },
  startedAt: 0,
  config: { current: null, problems: [], reads: null, wanted: 1, loaded: 0, changed: null },
  resources: {},
  order: [],
  images: {},
  pods: {},
  services: {},
  workloads: {},
  endpoints: {},
  ledgers: {},
  trials: {},
  removals: {},
  changes: { seen: 0 },
  files: { watching: false, settling: false, first: null, problem: null, away: null },
  git: { held: false, because: '' },
  docker: { ...unknown, info: null, doubts: 0 },
  cluster: { ...unknown, info: null },
  feeds: {},
  wakeAt: null,
  isPlanned: true,
  isIdle: false,
  stop: null,
  bug: null,
};

/** Facts after which nothing can have to be decided anew: the planner is not asked. */
const tellOnly: ReadonlySet<Action['type']> = new Set([
  'log/appended',
  'run/stepped',
  'forward/changed',
  'feed/healthy',
]);

export function reduce(state: EngineState, fact: Action): EngineState {
  const folded = fold(state, fact);
  // Time alone may decide something, and what is due is decided before anything else comes.
  if (fact.type === 'clock/reached') return planned(folded, timeOf(fact));
  const isPlanned = state.isPlanned && (folded === state || tellOnly.has(fact.type));
  if (isPlanned) return folded;
  return fact.more ? withPlan(folded, false) : planned(folded, fact.at);
}

const planned = (state: EngineState, at: number): EngineState => plan(withPlan(state, true), at);

const withPlan = (state: EngineState, isPlanned: boolean): EngineState =>
  state.isPlanned === isPlanned ? state : { ...state, isPlanned };

/** A timer may ring a moment early, and clocks step back: what was due is due. */
const timeOf = (fact: Action): number => (fact.type === 'clock/reached' ? Math.max(fact.at, fact.due) : fact.at);

function fold(state: EngineState, fact: Action): EngineState {
  switch (fact.type) {
    case 'session/started':
      return { ...state, options: fact.options, startedAt: fact.at };
    case 'session/stop-asked':
      return stopAsked(state, fact.reason, fact.exitCode, fact.at);
    case 'session/dropped':
      return { ...state, phase: 'stopped' };
    case 'config/loaded':
      return withGuard(configLoaded(state, fact));
    case 'config/broken':
      return configBroken(state, fact);
    case 'files/watching':
      return watched(state);
    case 'files/settling':
      return { ...state, files: { ...state.files, settling: true, first: fact.first } };
    case 'files/changed':
      return filesChanged(state, fact);
    case 'files/rescanned':
      return state;
    case 'files/troubled':
      return troubled(state, fact.problem);
    case 'files/mended':
      return mended(state);
    case 'files/away':
      return away(state, fact.dir);
    case 'git/held':
      return { ...state, git: { held: true, because: fact.because } };
    case 'git/released':
      return { ...state, git: { held: false, because: '' } };
    case 'run/started':
    case 'run/strategy':
    case 'run/stepped':
    case 'run/progressed':
    case 'run/ended':
      return runFact(state, fact);
    case 'server/started':
    case 'server/probed':
    case 'server/exited':
    case 'server/failed':
    case 'server/stopped':
      return serverFact(state, fact);
    case 'pods/listed':
    case 'pod/seen':
    case 'pod/gone':
    case 'services/listed':
    case 'service/seen':
    case 'service/gone':
    case 'event/seen':
    case 'log/ended':
      return clusterFact(state, fact);
    case 'trial/answered':
      return trialAnswered(state, fact.pod, fact.container, fact.begunAt);
    case 'workloads/listed':
    case 'workload/seen':
    case 'endpoints/listed':
    case 'endpoints/seen':
      return workloadFact(state, fact);
    default:
      return foldRest(state, fact);
  }
}

const trialAnswered = (state: EngineState, pod: string, container: string, begunAt: number): EngineState => {
  const trials = answered(state.trials, trialKey(pod, container), begunAt);
  return trials === state.trials ? state : { ...state, trials };
};

type Rest = Extract<
  Action,
  {
    type:
      | `docker/${string}`
      | `cluster/${string}`
      | `feed/${string}`
      | 'forward/changed'
      | 'log/appended'
      | 'removal/ended'
      | 'restart/ended'
      | 'user/asked'
      | 'clock/reached'
      | 'clock/set'
      | 'engine/bug';
  }
>;

function foldRest(state: EngineState, fact: Rest): EngineState {
  switch (fact.type) {
    case 'docker/connected':
      return tryAgain(
        withGuard({ ...state, docker: { ok: true, status: 'ok', info: fact.info, doubts: state.docker.doubts } }),
        fact.at,
      );
    case 'docker/failed':
      return { ...state, docker: { ...state.docker, ...failing(fact.problem, fact.retryAt) } };
    case 'cluster/connected':
      return tryAgain(withGuard({ ...state, cluster: { ok: true, status: 'ok', info: fact.info } }), fact.at);
    case 'cluster/failed':
      return clusterGone(state, failing(fact.problem, fact.retryAt));
    case 'feed/failed':
      return feedFailed(state, fact);
    case 'feed/healthy':
      return { ...state, feeds: { ...state.feeds, [fact.feed]: { ok: true, status: 'ok' } } };
    case 'forward/changed':
      return withResource(state, fact.resource, (r) => ({
        ...r,
        forwards: { ...r.forwards, [fact.local]: { to: fact.to, status: fact.status, problem: fact.problem } },
      }));
    case 'log/appended':
      return withResource(state, fact.resource, (r) => ({ ...r, logs: { lines: fact.lines, bytes: fact.bytes } }));
    case 'removal/ended':
      return removalEnded(state, fact);
    case 'restart/ended':
      return restartEnded(state, fact);
    case 'user/asked':
      return userAsked(state, fact);
    case 'clock/reached':
      return dueRetries(dueRestarts(state, timeOf(fact)), timeOf(fact));
    case 'clock/set':
      return clockSet(state, fact.byMs);
    case 'engine/bug':
      return bugFound(state, fact);
  }
}

/** The first one counts; it ends the session as if somebody had asked for it. */
function bugFound(state: EngineState, { where, error, at }: Extract<Action, { type: 'engine/bug' }>): EngineState {
  if (state.bug) return state;
  const bug = { where, error: error.slice(0, limits.logLineBytes), inReducer: false };
  return stopAsked({ ...state, bug }, 'a bug in sluice', exitCodes.bug, at);
}

/** What failed because something was out of reach is asked for again once it is back; nobody should have to save for that. */
const tryAgain = (state: EngineState, at: number): EngineState => dueRetries(state, Number.POSITIVE_INFINITY, at);

const dueRetries = (state: EngineState, due: number, at = due): EngineState =>
  replaced(
    state,
    retriedIn(state)
      .filter(({ retryAt }) => retryAt !== null && retryAt <= due)
      .map((r) => ask({ ...r, retryAt: null }, r.last?.cause ?? 'files', 'tried again', at)),
  );

const retriedIn = those(({ enabled, retryAt }: ResourceState) => enabled && retryAt !== null);
