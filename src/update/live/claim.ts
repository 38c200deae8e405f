// Can this work be done in place, and how for each container? Pure.
import type { Problem } from '../../model/problems/problem.ts';
import type { ContainersWork, ContainerTarget, ImageWork, UpdateMode, Work } from '../../model/run.ts';
import type { Claim } from '../strategy.ts';
import { type LivePlan, planLive, withBases } from './steps.ts';

export interface ContainerPlan {
  readonly container: ContainerTarget;
  readonly plan: LivePlan;
}

export type LiveWork =
  | { readonly is: 'possible'; readonly plans: readonly ContainerPlan[] }
  /** The rules are wrong: the run fails with this, nothing else is tried. */
  | { readonly is: 'wrong'; readonly problem: Problem }
  | { readonly is: 'impossible'; readonly because: string; readonly show: 'user' | 'debug' };

/** The claim of a strategy that updates in place under `--update-mode auto` and `mode`. */
export function claimLive(work: Work, mode: UpdateMode): Claim {
  if (work.kind === 'local') return no('it runs in no container');
  if (work.kind === 'compose' && mode !== 'container') return no('its containers are reached through Docker');
  if (work.updateMode !== 'auto' && work.updateMode !== mode) return no(`--update-mode is ${work.updateMode}`);
  const live = liveWork(work);
  if (live.is === 'impossible') return { take: false, because: live.because, show: live.show };
  const because = live.is === 'possible' && live.plans.find(({ plan }) => !plan.isEmpty)?.plan.because;
  return because ? { take: true, because: `in place: ${because}` } : { take: true };
}

const no = (because: string): Claim => ({ take: false, because, show: 'debug' });

export function liveWork(work: ContainersWork): LiveWork {
  const refused = refusal(work);
  if (refused) return refused;
  const plans: ContainerPlan[] = [];
  for (const container of work.containers) {
    const image = work.images.find(({ spec }) => spec.ref === container.image);
    if (!image || (work.cause === 'crash' && container.fell)) continue;
    const plan = planLive(work, image, container);
    if (!plan.take) return plan.problem ? { is: 'wrong', problem: plan.problem } : impossible(plan.because, plan.show);
    if (!plan.isEmpty && !container.running)
      return impossible(`${container.pod}/${container.name} is not running (${container.status})`, 'user');
    plans.push({ container, plan });
  }
  if (plans.every(({ plan }) => plan.isEmpty) && work.cause !== 'files' && work.cause !== 'crash')
    return impossible('no file changed', 'debug');
  return { is: 'possible', plans };
}

function refusal(work: ContainersWork): LiveWork | null {
  if (work.fullBuild !== null) return impossible(work.fullBuild, 'user');
  if (work.half) return impossible('its images are built while it waits', 'debug');
  if (work.cause === 'needs') return impossible('something it needs was updated', 'debug');
  if (work.containers.length === 0) return impossible('no container runs yet', 'debug');
  const unbuilt = work.images.find(({ spec, last }) => spec.build.is !== 'elsewhere' && last === null);
  if (unbuilt) return impossible(`${unbuilt.spec.ref} is not built yet`, 'debug');
  const covered = new Set(runningImages(work).flatMap((image) => withBases(work, image)));
  const stray = work.images.find((image) => !covered.has(image) && isDue(work, image));
  return stray ? impossible(`no container runs ${stray.spec.ref}`, 'user') : null;
}

/** Of an image built elsewhere all that ever changed is kept: what is due is what this run is about. */
const isDue = (work: ContainersWork, { spec, files }: ImageWork): boolean =>
  spec.build.is === 'elsewhere'
    ? files.some(({ path }) => work.files.some((file) => file.path === path))
    : files.length > 0;

const runningImages = (work: ContainersWork): readonly ImageWork[] =>
  work.images.filter(({ spec }) => work.containers.some(({ image }) => image === spec.ref));

const impossible = (because: string, show: 'user' | 'debug'): LiveWork => ({ is: 'impossible', because, show });
