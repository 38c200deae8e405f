// How many runs there may be at a time: few that keep this machine busy, more that only ask Docker or the cluster for something.
import { isBuilt } from '../../model/builds/who-builds.ts';
import { limits } from '../../model/limits.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { currentRun, currentWork, isRunning } from './run.ts';

/** How many builds and runs that keep this machine busy there may be at a time. */
export const mostAtOnce = ({ config }: EngineState): number => config.current?.settings.parallel ?? limits.parallel;

/** How many more runs there may be at a time, of those that keep this machine busy. */
export const placesLeft = (state: EngineState, running: readonly ResourceState[]): number =>
  Math.max(0, mostAtOnce(state) - running.filter((each) => isWork(state, each)).length);

interface Taken {
  readonly state: EngineState;
  readonly running: readonly ResourceState[];
  /** How many of those keep this machine busy. */
  readonly working: number;
}

export const hasPlace = ({ state, running, working }: Taken, resource: ResourceState): boolean =>
  isWork(state, resource) ? working < mostAtOnce(state) : running.length - working < limits.deploysAtOnce;

/** What builds nothing, or has built, only asks for something. */
export function isWork(state: EngineState, resource: ResourceState): boolean {
  const { spec } = resource;
  if (spec.kind === 'local') return true;
  if (currentRun(resource)?.steps.at(-1)?.step === 'deploy') return false;
  const isToMake = isRunning(resource) ? isMaking : wouldMake(state);
  return spec.images.some((ref) => isBuilt(state.config.current?.images, ref) && isToMake(resource, ref));
}

/** One that finds the image as it was made last only brings it up, and keeps nobody from doing the same. */
export function isMaking(resource: ResourceState, ref: string): boolean {
  const work = currentWork(resource);
  // What is being stopped may be anywhere in it.
  if (work === null) return true;
  if (work.kind === 'local' || work.half === 'deploy') return false;
  if (work.force || work.cause === 'config') return true;
  const { last = null, files = [] } = work.images.find(({ spec }) => spec.ref === ref) ?? {};
  return last === null || files.some(({ change }) => change > last.change);
}

/** The same of a run that is yet to begin. */
const wouldMake =
  ({ images }: EngineState) =>
  ({ spec, update: { asked, digest } }: ResourceState, ref: string): boolean => {
    if (asked?.force) return true;
    const isReconfigured = asked?.cause === 'config' || (digest !== null && digest !== spec.digest);
    const image = lookup(images, ref);
    const last = image?.last ?? null;
    if (isReconfigured || !image || last === null) return true;
    return image.lost > 0 || Object.values(image.files).some(({ change }) => change > last.change);
  };
