// What the planner concludes from pods and servers before it plans: what is up, what is live, what has to be brought in again.
import { sharedServices, sharesWith } from '../../model/compose/sharing.ts';
import { limits } from '../../model/limits.ts';
import { hookOf } from '../../model/manifests.ts';
import type { Deployed } from '../../model/run.ts';
import type { DeployableState, EngineState, ResourceState } from '../../model/state.ts';
import { restarted } from '../fold/runs.ts';
import { ask, deployOf, type Runtime, withDeploy } from '../resources/resource.ts';
import { replaced } from '../resources/resource-list.ts';
import { isRunning } from '../resources/run.ts';
import { those } from '../resources/those.ts';
import { wantsRun } from '../resources/want.ts';
import { hasLiveRules, refillOf } from '../runtime/containers.ts';
import { currentPods, podsByResource, runtimeOf } from '../runtime/runtime.ts';
import { onTrial } from '../runtime/trial-runtime.ts';
import { concluded, nothingSettled } from './conclusions.ts';
import { type Decisions, decisionsOn } from './decisions.ts';
import { changesBehind, liveChange } from './fresh.ts';
import { needsHold } from './hold.ts';
import { isSettling, isToCome } from './upstream.ts';

const runtimes = nothingSettled();
const refills = nothingSettled();

export function withRuntimes(state: EngineState, at: number): EngineState {
  const pods = podsByResource(state);
  return concluded(runtimes, state, (before, name) => {
    const own = pods.get(name) ?? [];
    const seen = onTrial(runtimeOf(state, before, own), currentPods(state, before, own), state.trials);
    const next = withRuntime(before, seen, at);
    const refill = hasLiveRules(state, next) ? refillOf(state, name, next) : null;
    const live = liveChange(next, refill);
    const behind = changesBehind(next, live, refill);
    return live === next.changes.live && behind === next.changes.behind
      ? next
      : { ...next, changes: { ...next.changes, live, behind } };
  });
}

function withRuntime(before: ResourceState, seen: Runtime, at: number): ResourceState {
  const was = before.runtime;
  if (isTakenAway(before, seen)) return before;
  const since = was.status === seen.status ? was.since : at;
  // What was waited for has had its time.
  const runtime: Runtime = isWaitedOut(seen, since, at) ? { ...seen, mends: 'never' } : seen;
  const isSame =
    was.status === runtime.status &&
    was.text === runtime.text &&
    was.stuck === runtime.stuck &&
    was.mends === runtime.mends &&
    was.crashes === runtime.crashes &&
    was.isUnheard === runtime.isUnheard &&
    was.problem?.what === runtime.problem?.what;
  const known = deployOf(before)?.result ?? null;
  const deployed = runtime.status === 'done' ? doneForGood(known) : known;
  const wasReady = before.wasReady || runtime.status === 'ready' || runtime.status === 'done';
  if (isSame && wasReady === before.wasReady && deployed === known) return before;
  const next: ResourceState = { ...before, wasReady, runtime: { ...runtime, since } };
  return deployed === known ? next : withDeploy(next, { result: deployed });
}

/** A Job or pod that was seen done stays done until it is deployed anew: whoever takes it away takes nothing back. */
const doneForGood = (deployed: Deployed | null): Deployed | null =>
  deployed === null || deployed.alreadyDone ? deployed : { ...deployed, alreadyDone: true };

/** Failed, heard to its last words, and nothing will mend it. */
export const isOver = ({ status, stuck, mends, isUnheard }: Runtime): boolean =>
  status === 'failed' && stuck && mends === 'never' && !isUnheard;

/** A hook that is deleted because it failed has failed all the same, until it is deployed anew. */
const isTakenAway = (resource: ResourceState, seen: Runtime): boolean =>
  seen.status === 'pending' &&
  isOver(resource.runtime) &&
  resource.kind === 'kubernetes' &&
  resource.runtime.since >= resource.deploy.at &&
  resource.spec.objects.some(({ object }) => hookOf(object)?.deletedWhen.includes('failed'));

const isWaitedOut = ({ status, mends }: Runtime, since: number, at: number): boolean =>
  status === 'failed' && mends === 'waits' && at - since >= limits.podMendMs;

/** Containers that were started anew are filled again by a run of their own, asked for once for each. */
export function withRefills(state: EngineState, at: number): EngineState {
  return concluded(refills, state, (resource, name) => {
    if (resource.kind === 'local' || isRunning(resource) || !hasLiveRules(state, resource)) return resource;
    if (wasLeftInconsistent(resource))
      return resource.update.asked
        ? resource
        : ask(resource, 'crash', 'containers disagree after a partial update', at);
    const lacking = refillOf(state, name, resource)?.containers ?? [];
    const ids = lacking.map(({ id }) => id);
    const isNew = ids.some((id) => !resource.deploy.refilled.includes(id));
    if (!isNew)
      return ids.length === resource.deploy.refilled.length ? resource : withDeploy(resource, { refilled: ids });
    const names = lacking.map(({ pod, name: container }) => `${pod}/${container}`).join(', ');
    return ask(
      withDeploy(resource, { refilled: ids }),
      'crash',
      `${names} was started anew: it gets its files again`,
      at,
    );
  });
}

/** Once: the full build that follows is no update, whatever becomes of it. */
const wasLeftInconsistent = ({ deploy: { inconsistent }, update: { last } }: DeployableState): boolean =>
  inconsistent && last?.outcome === 'failed' && last.phase === 'update';

/**
 * Edges with `restart`: once what is needed is up again, once for all of them, and not where a run of its own is to start it anew
 * in any case.
 */
export function withRestarts(state: EngineState, at: number): EngineState {
  const soFar = decisionsOn(state);
  const due = toRestartIn(state).filter(
    (resource) => !isRunning(resource) && !isComing(soFar, followed(soFar, resource)) && !runsSoon(soFar, resource),
  );
  return replaced(
    state,
    due.map((resource) => againWith({ ...resource, update: { ...resource.update, wantsRestart: false } }, at)),
  );
}

/** What it is started or run again for. */
const followed = ({ of }: Decisions, { spec }: ResourceState): readonly string[] =>
  spec.needs.flatMap(({ name, update }) => {
    const other = of(name);
    return other && (update === 'restart' || update === 'rerun' || sharesWith(spec, other.spec)) ? [name] : [];
  });

const isComing = (soFar: Decisions, names: readonly string[]): boolean =>
  names.some((name) => isOnItsWay(soFar, soFar.of(name)));

const isOnItsWay = ({ of }: Decisions, other: ResourceState | undefined): boolean =>
  other !== undefined && (isSettling(other) || isToCome(of, other, Number.POSITIVE_INFINITY, ['rerun', 'restart']));

/** Nothing holds it, or nothing but what is on its way. */
const runsSoon = (soFar: Decisions, resource: ResourceState): boolean =>
  wantsRun(resource) && (needsHold(soFar, resource)?.on ?? []).every((name) => isOnItsWay(soFar, soFar.of(name)));

/** A container that shares something with another is started again only as one that shares it with the new one. */
const againWith = (resource: ResourceState, at: number): ResourceState =>
  resource.kind === 'compose' && sharedServices(resource.spec.config).length > 0
    ? ask(resource, 'needs', 'what it shares something with was updated', at)
    : restarted(resource, at);

const toRestartIn = those(({ update: { wantsRestart } }: ResourceState) => wantsRestart);
