// Orphans of Compose projects that are to go.
import type { Pod } from '../../model/pods/pod.ts';
import type { EngineState } from '../../model/state.ts';
import { orphansAre, serviceOrphans } from '../runtime/service-orphans.ts';

const none: readonly Pod[] = [];

/** None unless that was asked for, and none on the word of a configuration that is being read anew. */
export function orphansToGo(state: EngineState): readonly Pod[] {
  if (!state.docker.ok || state.phase !== 'up' || state.config.wanted !== state.config.loaded) return none;
  const orphans = serviceOrphans(state);
  return orphans.length > 0 && areToGo(state) ? orphans : none;
}

const areToGo = ({ options, config }: EngineState): boolean =>
  options.removeOrphans === true || orphansAre('removed', config.current);
