// Will what somebody waits for come by itself? `wait` answers as soon as it is there, or will not come.

import type { Problem } from '../model/problems/problem.ts';
import type { EngineState, Hold, ResourceState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { deployOf } from './resources/resource.ts';
import { currentRun, isRunning } from './resources/run.ts';
import { isCancelled, wantsRun } from './resources/want.ts';
import { toldEvents } from './runtime/told-events.ts';
import { exitCodes, failureOf } from './verdict.ts';

export type Outlook =
  | { readonly is: 'there' }
  /** `waits`: for what, as people read it. `hold`: what keeps it from being begun. */
  | { readonly is: 'coming'; readonly waits: string; readonly hold?: Hold }
  /** Nothing more happens by itself: somebody has to do something. */
  | { readonly is: 'never'; readonly exitCode: number; readonly problem: Problem };

export interface Wish {
  /** Every change up to now must be live, not just something ready. */
  readonly fresh: boolean;
  /** Asked for by its name: what is disabled or starts only on request is left out otherwise. */
  readonly isNamed: boolean;
}

const there: Outlook = { is: 'there' };
const coming = (waits: string): Outlook => ({ is: 'coming', waits });
const never = (exitCode: number, problem: Problem): Outlook => ({ is: 'never', exitCode, problem });

/** Something a person has to do for one resource: no failure, so no code of one. */
const yours = (what: string, hint: string): Outlook =>
  never(exitCodes.other, { kind: 'yours', code: 'S633', what, hint });

/** Without the project nothing is known to be live. A broken edit is a change that cannot become so; what ran before it may be ready all the same. */
export function configOutlook({ config, files }: EngineState, { fresh }: Pick<Wish, 'fresh'>): readonly Problem[] {
  if (fresh && files.away) return [files.away];
  const isBroken = config.problems.length > 0 && config.loaded === config.wanted;
  return isBroken && (fresh || config.current === null) ? config.problems : [];
}

export function outlookOf(state: EngineState, name: string, wish: Wish): Outlook {
  const resource = lookup(state.resources, name);
  if (!resource) return there;
  if (!resource.enabled) return wish.isNamed ? yours(`${name} is disabled`, `sluice enable ${name}`) : there;
  if (state.config.wanted !== state.config.loaded) return coming('the configuration to be read');
  if (isRunning(resource)) return coming(stepOf(resource));
  if (wantsRun(resource))
    return resource.update.hold ? heldOutlook(state, name, resource.update.hold) : coming('its turn');
  if (deployOf(resource)?.restarting || resource.update.wantsRestart) return coming('its restart');
  return (
    failedOutlook(name, resource) ?? unaskedOutlook(name, resource, wish) ?? runningOutlook(state, name, resource, wish)
  );
}

function stepOf(resource: ResourceState): string {
  const run = currentRun(resource);
  return run?.steps.at(-1)?.step ?? run?.strategy ?? 'its update';
}

/** Held by what will not come is as good as failed, near or far; needs have no circles. */
function heldOutlook(state: EngineState, name: string, hold: Hold): Outlook {
  const { problem } = hold.reason === 'docker' ? state.docker : state.cluster;
  if ((hold.reason === 'docker' || hold.reason === 'cluster') && problem) return outOfReach(problem);
  const held: Outlook = { is: 'coming', waits: hold.on.join(', ') || hold.reason, hold };
  if (hold.reason === 'container-paused') return pausedOutlook(name, hold.on);
  if (hold.reason !== 'needs') return held;
  for (const need of hold.on) {
    const outlook = outlookOf(state, need, { fresh: false, isNamed: true });
    if (outlook.is !== 'never') continue;
    const { problem: cause, exitCode } = outlook;
    return never(exitCode, { ...cause, code: 'S634', what: `${name} is held by ${need}: ${cause.what}` });
  }
  return held;
}

function pausedOutlook(name: string, containers: readonly string[]): Outlook {
  const what = `${name} is held: ${containers.join(', ')} ${containers.length === 1 ? 'is' : 'are'} paused`;
  const hint = `docker unpause ${containers.join(' ')}, or sluice trigger ${name} makes it anew`;
  return never(exitCodes.runtime, { kind: 'yours', code: 'S634', what, hint });
}

function failedOutlook(name: string, resource: ResourceState): Outlook | null {
  const {
    update: { last },
    runtime,
  } = resource;
  if (last?.outcome === 'failed' && resource.changes.given >= resource.changes.seen) {
    if (resource.update.retryAt !== null) return coming(last.problem?.what ?? 'the next try');
    const failure = failureOf(resource);
    if (failure) return never(failure.exitCode, failure.problem);
  }
  if (runtime.status !== 'failed') return null;
  if (runtime.isUnheard) return coming('its last words');
  if (runtime.mends === 'waits') return coming(runtime.text);
  const what = `${name}: ${runtime.text || 'it failed'}`;
  return never(exitCodes.runtime, runtime.problem ?? { kind: 'step', code: 'S635', what });
}

/** Nobody has asked for what is missing, or somebody has called it off. */
function unaskedOutlook(name: string, resource: ResourceState, wish: Wish): Outlook | null {
  const hint = `sluice trigger ${name}`;
  const lacks =
    !resource.update.hasSucceeded ||
    (wish.fresh && resource.changes.seen > Math.max(resource.changes.contained, resource.changes.live));
  if (!lacks) return null;
  if (isCancelled(resource)) return yours(`${name} was cancelled`, hint);
  if (resource.update.last === null && !resource.spec.start)
    return wish.isNamed ? yours(`${name} was never started: it starts when asked to`, hint) : there;
  if (resource.trigger === 'manual') return yours(`${name} has changes that wait for a trigger (manual)`, hint);
  return null;
}

/** What was ready when the cluster was last heard of may be anything by now. */
const awayOutlook = (state: EngineState, { spec }: ResourceState): Outlook | null =>
  spec.kind === 'kubernetes' && state.cluster.problem ? outOfReach(state.cluster.problem) : null;

const outOfReach = (problem: Problem): Outlook =>
  problem.kind === 'yours' || problem.kind === 'denied' ? never(exitCodes.usage, problem) : coming(problem.what);

function runningOutlook(state: EngineState, name: string, resource: ResourceState, { fresh }: Wish): Outlook {
  const { runtime } = resource;
  const isUp = runtime.status === 'ready' || runtime.status === 'done';
  if (isUp && (!fresh || resource.changes.live >= resource.changes.seen)) return awayOutlook(state, resource) ?? there;
  const why = runtime.problem?.what ?? toldEvents(resource, { what: runtime.text }).at(-1) ?? [];
  const progress = runtime.text || runtime.status;
  const text = [isUp ? `${progress}, without the last save` : progress, why].flat().join(': ');
  if (!state.isIdle && !(runtime.status === 'pending' && runtime.stuck)) return coming(text);
  const what = `${name} is not ${fresh ? 'live' : 'ready'}: ${text}`;
  return never(exitCodes.runtime, runtime.problem ?? { kind: 'step', code: 'S635', what });
}
