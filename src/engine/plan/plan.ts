// The planner: state → what should be running (`update.now`), why something waits (`hold`), when to look again (`wakeAt`).
import type { EngineState } from '../../model/state.ts';
import { withTrials } from '../runtime/trial.ts';
import { withBuildsAhead } from './ahead.ts';
import { decisionsOn } from './decisions.ts';
import { drain } from './drain.ts';
import { held, holdOf, withoutOldHolds } from './hold.ts';
import { isIdle } from './idle.ts';
import { withRefills, withRestarts, withRuntimes } from './observe.ts';
import { toAsk } from './queue.ts';
import { withoutStale } from './stale.ts';
import { nextWake } from './wake.ts';
import { started } from './work.ts';

export function plan(state: EngineState, at: number): EngineState {
  const known = withRuntimes(withTrials(state, at), at);
  const planned = known.phase === 'up' ? withRuns(known, at) : known.phase === 'draining' ? drain(known, at) : known;
  const wakeAt = nextWake(planned, at);
  const idle = isIdle(planned);
  return planned.wakeAt === wakeAt && planned.isIdle === idle ? planned : { ...planned, wakeAt, isIdle: idle };
}

/** Whoever wants a run is held or started, one by one: each knows what was decided for those before it. */
function withRuns(state: EngineState, at: number): EngineState {
  const current = withoutStale(withRestarts(withRefills(state, at), at), at);
  const soFar = decisionsOn(current);
  for (const resource of toAsk(current)) {
    const hold = holdOf(soFar, resource);
    soFar.decide(resource, hold ? held(resource, hold) : started(current, resource));
  }
  return withBuildsAhead(withoutOldHolds(soFar.all()));
}
