// service/*, services/*: the Services there are.
import type { Action } from '../../../model/fact.ts';
import type { EngineState } from '../../../model/state.ts';
import { withoutUnlisted } from './namespace-list.ts';

type ServiceFact = Extract<Action, { type: `service/${string}` | `services/${string}` }>;

export function serviceFact(state: EngineState, fact: ServiceFact): EngineState {
  switch (fact.type) {
    case 'service/seen':
      return { ...state, services: { ...state.services, [fact.service.uid]: fact.service } };
    case 'service/gone': {
      const { [fact.uid]: _, ...services } = state.services;
      return { ...state, services };
    }
    case 'services/listed': {
      const services = withoutUnlisted(state.services, fact);
      return services === state.services ? state : { ...state, services };
    }
  }
}
