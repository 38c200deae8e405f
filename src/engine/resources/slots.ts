// How many runs there may be at a time: few that keep this machine busy, more that only ask Docker or the cluster for something.
import { isBuilt } from '../../model/builds/who-builds.ts';
import { limits } from '../../model/limits.ts';
import type { ImageWork } from '../../model/run.ts';
import type { DeployableState, EngineState, ResourceState } from '../../model/state.ts';
import { imageWork } from './image-work.ts';
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
  if (resource.kind === 'local') return true;
  if (currentRun(resource)?.steps.at(-1)?.step === 'deploy') return false;
  const isToMake = isRunning(resource) ? isMaking : wouldMake(state);
  return resource.spec.images.some((ref) => isBuilt(state.config.current?.images, ref) && isToMake(resource, ref));
}

/** One that finds the image as it was made last only brings it up, and keeps nobody from doing the same. */
export function isMaking(resource: DeployableState, ref: string): boolean {
  const work = currentWork(resource);
  // What is being stopped may be anywhere in it.
  if (work === null) return true;
  if (work.kind === 'local' || work.half === 'deploy') return false;
  const image = work.images.find(({ spec }) => spec.ref === ref);
  return work.force || work.cause === 'config' || image === undefined || isBehind(image);
}

/** The same of a run that is yet to begin. */
const wouldMake =
  (state: EngineState) =>
  (resource: DeployableState, ref: string): boolean => {
    const { asked, digest } = resource.update;
    const isReconfigured = asked?.cause === 'config' || (digest !== null && digest !== resource.spec.digest);
    return asked?.force || isReconfigured || isBehind(imageWork(state, resource, ref));
  };

/** Is there none to begin with, or did something change after it was made? */
const isBehind = ({ last, files }: ImageWork): boolean =>
  last === null || files.some(({ change }) => change > last.change);
