// session/*, engine/bug: how a session begins and what ends it.
import type { Action } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import type { EngineState } from '../../model/state.ts';
import { exitCodes } from '../verdict.ts';

export function sessionFact(state: EngineState, fact: Extract<Action, { type: `session/${string}` }>): EngineState {
  switch (fact.type) {
    case 'session/started':
      return { ...state, options: fact.options, startedAt: fact.at };
    case 'session/stop-asked':
      return stopAsked(state, fact.reason, fact.exitCode, fact.at);
    case 'session/dropped':
      return { ...state, phase: 'stopped' };
  }
}

/** The first word counts. */
export function stopAsked(state: EngineState, reason: string, exitCode: number, at: number): EngineState {
  if (state.stop) return state;
  return { ...state, phase: 'draining', stop: { reason, exitCode, at } };
}

/** The first one counts; it ends the session as if somebody had asked for it. */
export function bugFact(
  state: EngineState,
  { where, error, at }: Extract<Action, { type: `engine/${string}` }>,
): EngineState {
  if (state.bug) return state;
  const bug = { where, error: error.slice(0, limits.logLineBytes), inReducer: false };
  return stopAsked({ ...state, bug }, 'a bug in sluice', exitCodes.bug, at);
}
