// When time alone may change what is decided.

import { limits } from '../../model/limits.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { restartOf } from '../fold/servers.ts';
import { those } from '../resources/those.ts';
import { nextTrialAt } from '../runtime/trial.ts';
import { staleLaterAt } from './stale.ts';

/** ms epoch of the next look, null for none. */
export function nextWake(state: EngineState, at: number): number | null {
  const { phase, stop } = state;
  if (phase === 'draining') return stop ? stop.at + limits.drainMs : null;
  if (phase !== 'up') return null;
  const due = timedIn(state).flatMap((resource) => [
    restartOf(resource),
    resource.update.retryAt,
    isMending(resource.runtime) ? resource.runtime.since + limits.podMendMs : null,
  ]);
  return soonest([...due, ...staleLaterAt(state, at), nextTrialAt(state)]);
}

const timedIn = those(
  (resource: ResourceState) =>
    resource.enabled &&
    (restartOf(resource) !== null || resource.update.retryAt !== null || isMending(resource.runtime)),
);

const isMending = ({ status, mends }: ResourceState['runtime']): boolean => status === 'failed' && mends === 'waits';

const soonest = (moments: readonly (number | null)[]): number | null =>
  moments.reduce((first, moment) => (first === null || (moment !== null && moment < first) ? moment : first), null);
