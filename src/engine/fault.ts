// A bug in the reducer ends the session as sessions end: the state stays what it was before, and from then on only what
// stops is folded, by the few lines here, so that what has begun is still waited for.

import type { Action } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { drain } from './plan/drain.ts';
import { withServer } from './resources/resource.ts';
import { replaced } from './resources/resource-list.ts';
import { idle } from './resources/run.ts';
import { exitCodes } from './verdict.ts';

type Reduce = (state: EngineState, action: Action) => EngineState;

/** The same reducer, which never throws: what it threw is `state.bug`, and the phase is `draining`. */
export function guarded(reduce: Reduce): Reduce {
  return (state, action) => {
    if (state.bug?.inReducer) return draining(state, action);
    try {
      return reduce(state, action);
    } catch (error) {
      return drain(frozen(state, action, error), action.at);
    }
  };
}

function frozen(state: EngineState, { type, at }: Action, error: unknown): EngineState {
  return {
    ...state,
    phase: 'draining',
    bug: { where: type, error: wordsOf(error), inReducer: true },
    stop: { reason: 'a bug in sluice', exitCode: exitCodes.bug, at },
    wakeAt: at + limits.drainMs,
    isIdle: false,
    removals: {},
  };
}

export const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, limits.logLineBytes);

function draining(state: EngineState, action: Action): EngineState {
  if (action.type === 'session/dropped') return { ...state, phase: 'stopped' };
  return state.phase === 'stopped' ? state : drain(over(state, action), action.at);
}

/** A run or a server of a resource has ended. */
function over(state: EngineState, action: Action): EngineState {
  if (action.type === 'run/ended')
    return withOver(state, action.resource, (resource) => ({ ...resource, update: { ...resource.update, now: idle } }));
  if (action.type === 'server/stopped' || action.type === 'server/exited' || action.type === 'server/failed')
    return withOver(state, action.resource, (resource) =>
      withServer(resource, ({ process }) => ({ process: process && { ...process, status: 'exited' } })),
    );
  return state;
}

function withOver(state: EngineState, name: string, change: (resource: ResourceState) => ResourceState): EngineState {
  const resource = lookup(state.resources, name);
  return resource ? replaced(state, [change(resource)]) : state;
}
