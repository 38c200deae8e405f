// docker/*, cluster/*: what is in reach, and what is tried again once it is.
import type { Action } from '../../model/fact.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { withGuard } from '../reach.ts';
import { ask } from '../resources/resource.ts';
import { replaced } from '../resources/resource-list.ts';
import { those } from '../resources/those.ts';
import { clusterGone, failing } from './feeds.ts';

export function dockerFact(state: EngineState, fact: Extract<Action, { type: `docker/${string}` }>): EngineState {
  const { docker } = state;
  if (fact.type === 'docker/failed') return { ...state, docker: { ...docker, ...failing(fact.problem, fact.retryAt) } };
  const back = { ok: true, status: 'ok', info: fact.info, doubts: docker.doubts } as const;
  return tryAgain(withGuard({ ...state, docker: back }), fact.at);
}

export function clusterFact(state: EngineState, fact: Extract<Action, { type: `cluster/${string}` }>): EngineState {
  if (fact.type === 'cluster/failed') return clusterGone(state, failing(fact.problem, fact.retryAt));
  return tryAgain(withGuard({ ...state, cluster: { ok: true, status: 'ok', info: fact.info } }), fact.at);
}

/** What failed because something was out of reach is asked for again once it is back; nobody should have to save for that. */
const tryAgain = (state: EngineState, at: number): EngineState => dueRetries(state, Number.POSITIVE_INFINITY, at);

/** Retries that were due by `due`, asked for `at`. */
export const dueRetries = (state: EngineState, due: number, at = due): EngineState =>
  replaced(
    state,
    retriedIn(state)
      .filter(({ update: { retryAt } }) => retryAt !== null && retryAt <= due)
      .map((r) =>
        ask({ ...r, update: { ...r.update, retryAt: null } }, r.update.last?.cause ?? 'files', 'tried again', at),
      ),
  );

const retriedIn = those(({ enabled, update: { retryAt } }: ResourceState) => enabled && retryAt !== null);
