// What of a session leaves it, free of values that must not be shown: what did not change keeps its identity, so that only what is new
// is looked through.
import { publicStates } from '../engine/public.ts';
import { nothingHidden } from '../logs/scrub/scrub.ts';
import { scrubbedValue } from '../logs/scrub/scrub-json.ts';
import type { LogStore } from '../model/log.ts';
import type { PublicState } from '../model/public-state.ts';
import type { EngineState } from '../model/state.ts';
import { lastWords } from './end/last-words.ts';

export function shownStates(logs: Pick<LogStore, 'tail' | 'scrubber'>): (state: EngineState) => PublicState {
  const shown = publicStates(lastWords(logs));
  let scrub = logs.scrubber;
  let clean = new WeakMap<object, object>();
  return (state) => {
    if (scrub !== logs.scrubber) {
      scrub = logs.scrubber;
      clean = new WeakMap();
    }
    return scrub === nothingHidden ? shown(state) : scrubbedValue(shown(state), scrub, clean);
  };
}
