// (state, fact) → state: fold the fact, then let the planner decide. Pure; time comes with the fact.

import type { Action } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Health } from '../model/public-state.ts';
import type { EngineState } from '../model/state.ts';
import { configBroken, configLoaded } from './fold/config.ts';
import { filesChanged } from './fold/files.ts';
import { clusterFact } from './fold/pods.ts';
import { runFact } from './fold/runs.ts';
import { dueRestarts, serverFact } from './fold/servers.ts';
import { stopAsked, userAsked } from './fold/user.ts';
import { plan } from './plan.ts';
import { withGuard } from './reach.ts';
import { ask, isRunning, withResource } from './resource.ts';

const unknown: Health = { ok: false, status: 'unknown' };

/** The state before the first fact. */
export const seed: EngineState = {
  phase: 'starting',
  options: { runId: '', file: '', dir: '', watch: true, updateMode: 'auto', only: [], context: null, namespace: null },
  startedAt: 0,
  config: { current: null, problems: [], reads: null, wanted: 1, loaded: 0 },
  resources: {},
  order: [],
  images: {},
  pods: {},
  services: {},
  ledgers: {},
  removals: {},
  changes: { seen: 0 },
  files: { watching: false, settling: false, problem: null },
  git: { held: false, because: '' },
  docker: { ...unknown, info: null },
  cluster: { ...unknown, info: null },
  feeds: {},
  wakeAt: null,
  isIdle: false,
  stop: null,
  bug: null,
};

/** Facts after which nothing can have to be decided anew: the planner is not asked. */
const tellOnly: ReadonlySet<Action['type']> = new Set([
  'log/appended',
  'event/seen',
  'run/stepped',
  'forward/changed',
  'feed/healthy',
]);

export function reduce(state: EngineState, fact: Action): EngineState {
  const folded = fold(state, fact);
  return folded === state || tellOnly.has(fact.type) ? folded : plan(folded, fact.at);
}

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
      return { ...state, files: { ...state.files, watching: true } };
    case 'files/settling':
      return { ...state, files: { ...state.files, settling: true } };
    case 'files/changed':
      return filesChanged(state, fact);
    case 'files/rescanned':
      return state;
    case 'files/troubled':
      return {
        ...state,
        files: { ...state.files, problem: fact.problem },
        feeds: { ...state.feeds, files: failing(fact.problem, null) },
      };
    case 'git/held':
      return { ...state, git: { held: true, because: fact.because } };
    case 'git/released':
      return { ...state, git: { held: false, because: '' } };
    case 'run/started':
    case 'run/strategy':
    case 'run/stepped':
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
    case 'service/seen':
    case 'service/gone':
    case 'event/seen':
      return clusterFact(state, fact);
    default:
      return foldRest(state, fact);
  }
}

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
      | 'engine/bug';
  }
>;

function foldRest(state: EngineState, fact: Rest): EngineState {
  switch (fact.type) {
    case 'docker/connected':
      return tryAgain({ ...state, docker: { ok: true, status: 'ok', info: fact.info } }, fact.at);
    case 'docker/failed':
      return { ...state, docker: { ...failing(fact.problem, fact.retryAt), info: state.docker.info } };
    case 'cluster/connected':
      return tryAgain(withGuard({ ...state, cluster: { ok: true, status: 'ok', info: fact.info } }), fact.at);
    case 'cluster/failed':
      return { ...state, cluster: { ...failing(fact.problem, fact.retryAt), info: state.cluster.info } };
    case 'feed/failed':
      return { ...state, feeds: { ...state.feeds, [fact.feed]: failing(fact.problem, fact.retryAt) } };
    case 'feed/healthy':
      return { ...state, feeds: { ...state.feeds, [fact.feed]: { ok: true, status: 'ok' } } };
    case 'forward/changed':
      return withResource(state, fact.resource, (r) => ({
        ...r,
        forwards: { ...r.forwards, [fact.local]: { to: fact.to, status: fact.status, problem: fact.problem } },
      }));
    case 'log/appended':
      return withResource(state, fact.resource, (r) => ({ ...r, logs: { lines: fact.lines, bytes: fact.bytes } }));
    case 'removal/ended': {
      const { [fact.resource]: _, ...removals } = state.removals;
      return { ...state, removals };
    }
    case 'restart/ended':
      return withResource(state, fact.resource, (r) => ({ ...r, restarting: false }));
    case 'user/asked':
      return userAsked(state, fact);
    case 'clock/reached':
      return dueRestarts(state, fact.at);
    case 'engine/bug':
      return { ...state, bug: { where: fact.where, error: fact.error.slice(0, limits.logLineBytes) } };
  }
}

/** What failed because something was out of reach is asked for again once it is back; nobody should have to save for that. */
function tryAgain(state: EngineState, at: number): EngineState {
  return state.order.reduce(
    (next, name) =>
      withResource(next, name, (r) =>
        r.enabled && r.last?.problem?.kind === 'unavailable' && !isRunning(r)
          ? ask(r, r.last.cause, 'in reach again', at)
          : r,
      ),
    state,
  );
}

const failing = (problem: Health['problem'], retryAt: number | null): Health => ({
  ok: false,
  status: 'failing',
  ...(problem ? { problem } : {}),
  ...(retryAt === null ? {} : { retryAt }),
});
