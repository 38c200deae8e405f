// endpoints/*: which pods take traffic.
import type { Action } from '../../../model/fact.ts';
import type { EngineState } from '../../../model/state.ts';
import { withoutUnlisted } from './namespace-list.ts';

export function endpointsFact(state: EngineState, fact: Extract<Action, { type: `endpoints/${string}` }>): EngineState {
  if (fact.type === 'endpoints/listed') {
    const endpoints = withoutUnlisted(state.endpoints, fact);
    return endpoints === state.endpoints ? state : { ...state, endpoints };
  }
  const { uid, pods } = fact.endpoints;
  const { [uid]: before, ...others } = state.endpoints;
  // A slice changes with each condition of each pod: what counts is who takes traffic.
  if ((before?.pods ?? []).join() === pods.join()) return state;
  return { ...state, endpoints: pods.length > 0 ? { ...others, [uid]: fact.endpoints } : others };
}
