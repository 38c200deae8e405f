// (state, fact) → state: fold the fact, then, at the end of its turn, let the planner decide. Pure; time comes with the fact.

import type { Action } from '../model/fact.ts';
import type { Health } from '../model/public-state.ts';
import type { EngineState } from '../model/state.ts';
import { timeOf } from './fold/clock.ts';
import { fold } from './fold/fold.ts';
import { plan } from './plan/plan.ts';

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
const tellOnly: ReadonlySet<Action['type']> = new Set(['log/appended', 'forward/changed', 'feed/healthy']);

/** What goes on to deploy leaves its place to one that builds; a step to anything else decides nothing. */
const isTellOnly = (fact: Action): boolean =>
  tellOnly.has(fact.type) || (fact.type === 'run/stepped' && fact.step !== 'deploy');

export function reduce(state: EngineState, fact: Action): EngineState {
  const folded = fold(state, fact);
  // Time alone may decide something, and what is due is decided before anything else comes.
  if (fact.type === 'clock/reached') return planned(folded, timeOf(fact));
  const isPlanned = state.isPlanned && (folded === state || isTellOnly(fact));
  if (isPlanned) return folded;
  return fact.more ? withPlan(folded, false) : planned(folded, fact.at);
}

const planned = (state: EngineState, at: number): EngineState => plan(withPlan(state, true), at);

const withPlan = (state: EngineState, isPlanned: boolean): EngineState =>
  state.isPlanned === isPlanned ? state : { ...state, isPlanned };
