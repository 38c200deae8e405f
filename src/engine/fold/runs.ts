// run/*: what a run did comes back here. A failed run's files stay pending; a success clears only what it contained.
import type { Action } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import { isLasting } from '../../model/manifests/replicas.ts';
import type { ContainersWork, Deployed, Outcome, RunResult } from '../../model/run.ts';
import type { DeployState, EngineState, LocalState, ResourceState, RunState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { backoff } from '../../operators/backoff.ts';
import { isDockerGone } from '../reach.ts';
import { after, ask, newest, withDeploy, withGeneration, withResource } from '../resources/resource.ts';
import { currentRun, currentWork, idle, withRun } from '../resources/run.ts';
import { wantsRun } from '../resources/want.ts';
import { imagesAt, withBuilt, withInPlace, withoutHeld } from './contents.ts';
import { dependentsTold } from './dependents.ts';
import { failing } from './feeds.ts';
import { withoutPods, withRunOver } from './removals.ts';

type RunFact = Extract<Action, { type: `run/${string}` }>;

export function runFact(state: EngineState, fact: RunFact): EngineState {
  switch (fact.type) {
    case 'run/started':
      return withResource(state, fact.resource, (resource) => started(resource, fact.run, fact.at));
    case 'run/strategy':
      return ofRun(state, fact, (run) => ({
        ...run,
        strategy: fact.strategy,
        why: fact.why ? [...run.why, fact.why] : run.why,
      }));
    case 'run/stepped':
      return ofRun(state, fact, ({ progress: _, ...run }) => ({
        ...run,
        steps: [...closed(run, fact.at), { step: fact.step, at: fact.at, ms: null }].slice(-limits.stepsPerRun),
      }));
    case 'run/progressed':
      return ofRun(state, fact, (run) => ({ ...run, progress: fact.text }));
    case 'run/ended':
      return ended(state, fact);
  }
}

/** Late facts of a run that is no longer the resource's own are dropped. */
function ofRun(
  state: EngineState,
  fact: { resource: string; run: string },
  change: (run: RunState) => RunState,
): EngineState {
  return withResource(state, fact.resource, (resource) =>
    currentRun(resource)?.id === fact.run
      ? { ...resource, update: { ...resource.update, now: withRun(resource.update.now, change) } }
      : resource,
  );
}

const closed = (run: RunState, at: number): RunState['steps'] =>
  run.steps.map((step) => (step.ms === null ? { ...step, ms: Math.max(0, at - step.at) } : step));

function started(resource: ResourceState, id: string, at: number): ResourceState {
  const work = currentWork(resource);
  if (work?.run !== id) return resource;
  const run: RunState = {
    id,
    cause: work.cause,
    why: work.why,
    change: work.change,
    files: work.files.slice(0, limits.problemLogLines).map((file) => file.path),
    strategy: null,
    startedAt: at,
    endedAt: null,
    ...(work.since === undefined ? {} : { since: work.since }),
    ...(work.restarts ? { restarts: true as const } : {}),
    digest: work.spec.digest,
    ...(work.kind !== 'local' && work.half ? { half: work.half } : {}),
    force: work.force,
    outcome: null,
    phase: null,
    steps: [],
    problem: null,
  };
  return { ...resource, update: { ...resource.update, now: { is: 'running', work, run } } };
}

function ended(before: EngineState, fact: Extract<Action, { type: 'run/ended' }>): EngineState {
  const state = withRunOver(before, fact.resource, fact.run, fact.outcome);
  const resource = lookup(state.resources, fact.resource);
  const begun = resource ? currentRun(resource) : null;
  if (!resource || begun?.id !== fact.run) return state;
  const { outcome } = fact;
  const work = containersWork(resource);
  const images = outcome.is === 'ok' ? outcome.result.images : outcome.is === 'declined' ? [] : outcome.images;
  const inPlace = outcome.is === 'ok' ? outcome.result : outcome.is === 'failed' ? outcome : null;
  const built = { ...withoutPods(state, outdated(state, outcome)), images: withBuilt(state.images, images) };
  const next = work && inPlace ? withInPlace(built, work, inPlace, fact.at) : built;
  const run = finished(begun, outcome, fact.at);
  const settled = withDoubt(
    withResource(next, fact.resource, (r) => withOutcome(r, run, outcome, fact.at)),
    fact.resource,
    outcome,
    fact.at,
  );
  const kept = work ? withoutHeld(settled, work.spec.images) : settled;
  const isUpdated = outcome.is === 'ok' && !outcome.result.unchanged && run.half !== 'build';
  return isUpdated ? dependentsTold(kept, fact.resource, run.since ?? fact.at) : kept;
}

/** Pods that are no more, and those whose last look is from before a start: how they had ended then is no failure of this run. */
function outdated(state: EngineState, outcome: Outcome): readonly string[] {
  if (outcome.is !== 'ok') return [];
  const { replaced = [], startedAgain = [] } = outcome.result;
  const old = startedAgain.filter(({ uid, startedAt }) =>
    lookup(state.pods, uid)?.containers.every((container) => container.startedAt === startedAt),
  );
  return [...replaced, ...old.map(({ uid }) => uid)];
}

/**
 * A run that found Docker gone says so for all: what builds is held until it is looked for again, this resource with the rest,
 * as a change that waits and not as one that failed.
 */
function withDoubt(state: EngineState, name: string, outcome: Outcome, at: number): EngineState {
  if (outcome.is !== 'failed' || !isDockerGone(outcome.problem)) return state;
  const resource = lookup(state.resources, name);
  const docker = {
    ...state.docker,
    ...failing(outcome.problem, resource?.update.retryAt ?? at),
    doubts: state.docker.doubts + 1,
  };
  return withResource({ ...state, docker }, name, (r) =>
    r.enabled
      ? ask({ ...r, update: { ...r.update, retryAt: null } }, r.update.last?.cause ?? 'files', 'tried again', at)
      : r,
  );
}

function finished({ progress: _, ...run }: RunState, outcome: Outcome, at: number): RunState {
  const is = outcome.is === 'declined' ? 'failed' : outcome.is;
  return {
    ...run,
    steps: closed(run, at),
    endedAt: at,
    outcome: is,
    phase: outcome.is === 'failed' ? outcome.phase : null,
    problem: outcome.is === 'failed' ? outcome.problem : null,
    ...(outcome.is === 'failed' && outcome.others ? { others: outcome.others } : {}),
    strategy: outcome.is === 'ok' ? outcome.result.strategy : run.strategy,
  };
}

/** What its run is to do with containers, as long as its result is wanted. */
function containersWork(resource: ResourceState): ContainersWork | null {
  const work = currentWork(resource);
  return work?.kind === 'local' ? null : work;
}

function withOutcome(resource: ResourceState, run: RunState, outcome: Outcome, at: number): ResourceState {
  const isLeft = run.restarts && resource.enabled && !(outcome.is === 'ok' && startsAnew(resource, outcome.result));
  const ended = {
    ...resource,
    update: {
      ...resource.update,
      now: idle,
      wantsRestart: resource.update.wantsRestart || (isLeft ?? false),
      last: run,
      history: [...resource.update.history, run].slice(-limits.historyPerResource),
    },
  };
  // What it brought about is on its way out already: see the removal.
  if (!resource.enabled) return ended;
  if (outcome.is === 'ok' && run.half === 'build')
    return builtAhead(ended, run, resource.update.now.is === 'running' || wantsRun(resource));
  if (outcome.is === 'ok') return succeeded(ended, run, outcome.result, containersWork(resource), at);
  const given = Math.max(resource.changes.given, run.change);
  if (outcome.is === 'cancelled')
    return resource.update.now.is === 'running'
      ? { ...ended, changes: { ...ended.changes, given } }
      : stopped(ended, run);
  const isFailed = outcome.is === 'failed';
  const failed: ResourceState = {
    ...ended,
    update: {
      ...ended.update,
      cancels: 0,
      retryAt: isFailed && outcome.problem.kind === 'unavailable' ? retryAt(resource, at) : null,
    },
    // What was saved before is wanted no more by itself.
    changes: { ...ended.changes, given, pendingSince: newest(resource.changes.pending) > given ? run.startedAt : null },
  };
  return isFailed && outcome.inconsistent ? withDeploy(failed, { inconsistent: true }) : failed;
}

/** By hand, which has said what was given, or by a newer change: the next run takes over why this one was wanted. */
const stopped = (
  resource: ResourceState,
  { cause, why, startedAt, since = startedAt, force }: RunState,
): ResourceState =>
  cause !== 'files' && wantsRun(resource) ? ask(resource, cause, why[0] ?? '', since, force) : resource;

/** Its images wait for what it needs, and so does why they were wanted; nothing of it runs yet. */
function builtAhead(resource: ResourceState, run: RunState, isWanted: boolean): ResourceState {
  const { cause, why, startedAt, since = startedAt, force, change, digest } = run;
  const built = { ...resource, update: { ...resource.update, cancels: 0, ahead: { change, digest } } };
  return isWanted && cause !== 'files' ? ask(built, cause, why[0] ?? '', since, force) : built;
}

/**
 * After a pause that doubles with each try in a row that found something out of reach. Null once the history holds no other: a
 * save or `trigger` is the next try then.
 */
function retryAt({ update: { history } }: ResourceState, at: number): number | null {
  const tries = history.length - 1 - history.findLastIndex((run) => run.problem?.kind !== 'unavailable');
  if (tries >= limits.historyPerResource) return null;
  return at + backoff(tries, limits.healthRetryFirstMs, limits.runRetryMaxMs);
}

function succeeded(
  resource: ResourceState,
  run: RunState,
  result: RunResult,
  work: ContainersWork | null,
  at: number,
): ResourceState {
  const pending = after(resource.changes.pending, run.change);
  const mustRestart = resource.kind !== 'local' && work !== null && isToRestart(resource.deploy, work, result);
  const next: ResourceState = {
    ...resource,
    update: {
      ...resource.update,
      cancels: 0,
      hasSucceeded: true,
      digest: run.digest,
      // A bare pod is made anew by a deploy alone.
      asked:
        mustRestart && isBarePod(resource) && !work.force ? madeAnew(resource.update.asked, at) : resource.update.asked,
    },
    changes: {
      ...resource.changes,
      pending,
      // What is left was saved while it ran.
      pendingSince: Object.keys(pending).length > 0 ? run.startedAt : null,
      contained: Math.max(resource.changes.contained, run.change),
      given: Math.max(resource.changes.given, newest(pending) > run.change ? resource.changes.given : run.change),
    },
  };
  if (next.kind === 'local') return served(next);
  const deploy = result.deployed ? deployedAnew(next.deploy, result.deployed, work, result, at) : next.deploy;
  return withDeploy(next, { ...deploy, restarting: deploy.restarting || (mustRestart && ownsPods(next)) });
}

/** Has this run started again what runs of it? */
function startsAnew(resource: ResourceState, result: RunResult): boolean {
  if (resource.kind === 'local') return true;
  if (result.deployed === null || result.unchanged) return false;
  return resource.kind === 'compose' || !keepsPods(resource.deploy, result);
}

/** What it serves is started, or started anew: a generation of its own for each run. */
function served(resource: LocalState): LocalState {
  if (resource.spec.serve === null)
    return { ...resource, server: { ...resource.server, serves: false, restartAt: null } };
  return {
    ...withGeneration(resource),
    server: { ...resource.server, serves: true, restartAt: null, failures: 0 },
  };
}

const deployedAnew = (
  before: DeployState,
  deployed: Deployed,
  work: ContainersWork | null,
  result: RunResult,
  at: number,
): DeployState => ({
  ...before,
  result: deployed,
  at,
  imagesAt: work ? imagesAt(work, result) : before.imagesAt,
  inconsistent: false,
  lost: [],
});

const isToRestart = (deploy: DeployState, work: ContainersWork, result: RunResult): boolean =>
  keepsPods(deploy, result) && mustStartAgain(work, deploy.inconsistent);

/** The deploy left the pods as they were, whatever else it changed. */
function keepsPods({ result: deployed }: DeployState, { deployed: now, unchanged }: RunResult): boolean {
  if (now === null) return false;
  return unchanged || now.templates.some(({ hash }) => deployed?.templates.some((before) => before.hash === hash));
}

/**
 * What runs is started again although its pods are as they should be: it was asked for by hand, or containers hold files of
 * updates in place that the image does not, or something was saved that cannot be put into the container of an image that is
 * built elsewhere.
 */
function mustStartAgain({ containers, images, force }: ContainersWork, inconsistent: boolean): boolean {
  const isOff = containers.some(({ image, isNew, ledger, freshAt }) =>
    images.some(
      ({ spec, files }) =>
        spec.ref === image &&
        (spec.build.is === 'elsewhere'
          ? files.some(({ change }) => change > ledger && change > freshAt)
          : !isNew && files.some(({ change }) => change > ledger)),
    ),
  );
  return force || inconsistent || isOff;
}

/** A local server gets a new generation; a workload is restarted by its controller. */
export function restarted(resource: ResourceState, at: number): ResourceState {
  if (resource.kind === 'local')
    return resource.server.serves
      ? { ...withGeneration(resource), server: { ...resource.server, restartAt: null, failures: 0 } }
      : resource;
  if (!resource.deploy.result) return resource;
  return ownsPods(resource)
    ? withDeploy(resource, { restarting: true })
    : ask(resource, 'restart', 'restart asked for', at, true);
}

const isBarePod = ({ spec }: ResourceState): boolean => spec.kind === 'kubernetes' && spec.workload?.kind === 'Pod';

const madeAnew = (asked: ResourceState['update']['asked'], at: number): ResourceState['update']['asked'] =>
  asked ?? { cause: 'restart', why: 'its pod holds what its image does not', at, force: true };

/** Its pods are made anew by their owner when they are deleted; a Job or a bare pod has none. */
const ownsPods = ({ spec }: ResourceState): boolean =>
  spec.kind === 'compose' ||
  (spec.kind === 'kubernetes' && spec.workload !== null && spec.workload.kind !== 'Pod' && isLasting(spec.workload));
