// user/asked: what a person, an editor or an agent asked for. The planner answers.
import type { Action } from '../../model/fact.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { ask, withResource } from '../resources/resource.ts';
import { calledOff } from '../resources/run.ts';
import { removalOf } from './removals.ts';
import { restarted } from './runs.ts';
import { stopAsked } from './session.ts';

export function userAsked(state: EngineState, fact: Extract<Action, { type: 'user/asked' }>): EngineState {
  const { action } = fact;
  if (action.do === 'stop') return stopAsked(state, 'asked to stop', 0, fact.at);
  const change = (make: (resource: ResourceState) => ResourceState) => withResource(state, action.resource, make);
  switch (action.do) {
    case 'trigger':
      return change((r) => triggered(r, action.force, fact.at));
    case 'cancel':
      return change((r) => ({
        ...r,
        update: { ...r.update, now: calledOff(r.update.now), asked: null, cancels: 0, retryAt: null },
        changes: { ...r.changes, given: r.changes.seen, pendingSince: null },
      }));
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

/** With nothing pending it makes everything anew; what never ran is simply started. */
function triggered(resource: ResourceState, force: boolean | undefined, at: number): ResourceState {
  if (!resource.enabled) return resource;
  if (!resource.update.hasSucceeded) return ask(resource, 'first', 'asked for', at, force ?? false);
  return ask(resource, 'trigger', 'asked for', at, force ?? Object.keys(resource.changes.pending).length === 0);
}

/** Disabling takes down what was deployed or started; the line stays. */
function disable(state: EngineState, name: string): EngineState {
  const resource = lookup(state.resources, name);
  if (!resource?.enabled) return state;
  const removal = removalOf(state, resource, 'disabled', state.config.current);
  const removals = removal ? { ...state.removals, [name]: removal } : state.removals;
  return withResource({ ...state, removals }, name, (r) => takenDown({ ...r, enabled: false }));
}

function takenDown(r: ResourceState): ResourceState {
  const next: ResourceState = {
    ...r,
    update: {
      ...r.update,
      asked: null,
      now: calledOff(r.update.now),
      digest: null,
      retryAt: null,
      ahead: null,
      wantsRestart: false,
      hasSucceeded: false,
    },
    wasReady: false,
  };
  if (next.kind === 'local') return { ...next, server: { ...next.server, serves: false, restartAt: null } };
  const deploy = { ...next.deploy, result: null, restarting: false, refilled: [], lost: [] };
  return next.kind === 'kubernetes' ? { ...next, deploy, forwards: {} } : { ...next, deploy };
}
