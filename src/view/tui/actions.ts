// The verbs of the view in the words every client of the engine uses.
import type { UserAction } from '../../model/public-state.ts';
import type { Effect } from './model.ts';

export function actionOf({ verb, resource }: Extract<Effect, { do: 'act' }>): UserAction {
  switch (verb) {
    case 'force':
      return { do: 'trigger', resource, force: true };
    case 'auto':
    case 'manual':
      return { do: 'mode', resource, mode: verb };
    default:
      return { do: verb, resource };
  }
}
