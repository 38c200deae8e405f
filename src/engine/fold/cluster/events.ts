// event/*: what the cluster says about ours.
import type { Action } from '../../../model/fact.ts';
import { limits } from '../../../model/limits.ts';
import type { EngineState } from '../../../model/state.ts';
import { withResource } from '../../resources/resource.ts';
import { ownerOfEvent } from '../../runtime/owner-of-event.ts';

export function eventFact(state: EngineState, { event }: Extract<Action, { type: `event/${string}` }>): EngineState {
  const owner = ownerOfEvent(state, event);
  if (!owner) return state;
  return withResource(state, owner, (resource) => {
    if (resource.kind !== 'kubernetes') return resource;
    const others = resource.events.filter(
      (e) => !(e.object.uid === event.object.uid && e.reason === event.reason && e.message === event.message),
    );
    return { ...resource, events: [...others, event].slice(-limits.eventsPerResource) };
  });
}
