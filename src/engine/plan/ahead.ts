// Building and deploying are two nodes of the graph: what waits for its needs alone is built meanwhile, where there is a place.
import { isBuilt } from '../../model/builds/who-builds.ts';
import type { EngineState, Hold, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { isRunning } from '../resources/run.ts';
import { those } from '../resources/those.ts';
import { isBuiltAhead, wantsRun, wasStarted } from '../resources/want.ts';
import { type Decisions, decisionsOn } from './decisions.ts';
import { buildHoldOf, mayBeInPlace } from './hold.ts';
import { byUrgency } from './urgency.ts';
import { startedAhead } from './work.ts';

/** After all that may start has: places that are left go to images of what may not. */
export function withBuildsAhead(state: EngineState): EngineState {
  const waiting = unbuiltIn(state);
  if (waiting.length === 0) return state;
  const soFar = decisionsOn(state);
  for (const resource of waiting) if (isToBuild(soFar, resource)) soFar.decide(resource, startedAhead(state, resource));
  return soFar.all();
}

/** Held by its needs, with something that goes into an image and is in none yet. One that is made anew on request is so at once. */
const unbuiltIn = those(
  (resource: ResourceState) =>
    resource.update.hold?.reason === 'needs' &&
    resource.spec.kind !== 'local' &&
    resource.spec.images.length > 0 &&
    !isRunning(resource) &&
    wantsRun(resource) &&
    !resource.update.asked?.force &&
    hasNews(resource) &&
    !isBuiltAhead(resource),
  byUrgency,
);

const hasNews = ({ spec, update: { hasSucceeded, digest }, changes: { pending } }: ResourceState): boolean =>
  !hasSucceeded || digest !== spec.digest || Object.keys(pending).length > 0;

/** What holds it is on its way: somebody has asked for all of it. */
export const isSoon = ({ resources }: EngineState, hold: Hold | null): boolean =>
  (hold?.on ?? []).map((name) => lookup(resources, name)).every((need) => need?.enabled && wasStarted(need));

/** Not where files may go into what runs, and not for what nobody has asked for. */
function isToBuild(soFar: Decisions, resource: ResourceState): boolean {
  const { spec, update } = resource;
  if (spec.kind === 'local' || !spec.images.some((ref) => isBuilt(soFar.state.config.current?.images, ref)))
    return false;
  return (
    isSoon(soFar.state, update.hold) &&
    !mayBeInPlace(soFar.state, spec.name, resource) &&
    buildHoldOf(soFar, resource) === null
  );
}
