// user/asked: what a person, an editor or an agent asked for. The planner answers.
import type { Action } from '../../model/fact.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { ask, withResource } from '../resource.ts';
import { restarted } from './runs.ts';

export function userAsked(state: EngineState, fact: Extract<Action, { type: 'user/asked' }>): EngineState {
  const { action } = fact;
  if (action.do === 'stop') return stopAsked(state, 'asked to stop', 0, fact.at);
  const change = (make: (resource: ResourceState) => ResourceState) => withResource(state, action.resource, make);
  switch (action.do) {
    case 'trigger':
      return change((r) =>
        r.enabled
          ? ask(
              { ...r, given: 0 },
              'trigger',
              'asked for',
              fact.at,
              action.force ?? Object.keys(r.pending).length === 0,
            )
          : r,
      );
    case 'cancel':
      return change((r) => ({ ...r, desired: null, asked: null, given: r.seen }));
    case 'mode':
      return change((r) => ({ ...r, trigger: action.mode }));
    case 'restart':
      return change((r) => restarted(r, fact.at));
    case 'enable':
      return change((r) => (r.enabled ? r : ask({ ...r, enabled: true }, 'first', 'enabled', fact.at)));
    case 'disable':
      return disable(state, action.resource);
  }
}

/** Disabling takes down what was deployed or started; the line stays. */
function disable(state: EngineState, name: string): EngineState {
  const resource = state.resources[name];
  if (!resource?.enabled) return state;
  const removals = resource.deployed
    ? { ...state.removals, [name]: { deployed: resource.deployed, because: 'disabled' as const } }
    : state.removals;
  return withResource({ ...state, removals }, name, (r) => ({
    ...r,
    enabled: false,
    asked: null,
    desired: null,
    deployed: null,
    generation: 0,
    server: null,
    restartAt: null,
    hasSucceeded: false,
    wasReady: false,
  }));
}

export function stopAsked(state: EngineState, reason: string, exitCode: number, at: number): EngineState {
  if (state.stop) return state;
  return { ...state, phase: 'draining', stop: { reason, exitCode, at } };
}
