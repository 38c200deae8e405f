// Has it come up, or can it not? For `up --once` and `ci`, and for the exit code of every session.
import { limits } from '../model/limits.ts';
import { problemCodes } from '../model/problems/code-names.ts';
import type { Problem } from '../model/problems/problem.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { type Listing, listed } from './resources/resource-list.ts';
import { isRunning } from './resources/run.ts';
import { those } from './resources/those.ts';
import { withCrashes } from './runtime/crashed.ts';

export interface Verdict {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly problems: readonly Problem[];
}

export const exitCodes = {
  ok: 0,
  other: 1,
  usage: 2,
  build: 3,
  deploy: 4,
  runtime: 5,
  unreachable: 6,
  bug: 70,
  interrupted: 130,
} as const;

/** Null while it may still come up. `retries`: crashes of one container, or failed pods of one Job, that are forgiven. */
export function verdictOf(state: EngineState, retries: number): Verdict | null {
  if (state.bug)
    return no(exitCodes.bug, {
      kind: 'step',
      code: 'S002',
      what: `a bug in sluice: ${state.bug.error} (at ${state.bug.where})`,
    });
  if (state.config.problems.length > 0 && state.config.loaded === state.config.wanted)
    return { ok: false, exitCode: exitCodes.usage, problems: state.config.problems };
  if (state.config.current === null) return null;
  const refused = [state.cluster, state.docker].find(
    (health) => health.problem?.kind === 'yours' || health.problem?.kind === 'denied',
  );
  if (refused?.problem && isWaitedFor(state, refused === state.cluster ? 'cluster' : 'docker'))
    return no(exitCodes.usage, refused.problem);
  const failed = failures(state, retries);
  if (failed) return failed;
  if (!isAllDone(state) || isUnheard(state)) return null;
  const crashed = withCrashes(state, retries);
  if (crashed !== state) return failures(crashed, retries);
  // What left the configuration could not go, because of what others have in it.
  const refusedToGo = state.feeds.orphans?.problem;
  if (refusedToGo?.code === problemCodes.notDeleted) return no(exitCodes.deploy, refusedToGo);
  return { ok: true, exitCode: exitCodes.ok, problems: [] };
}

/** What was ready when the cluster was last heard of may be anything by now. */
const isUnheard = (state: EngineState): boolean =>
  state.cluster.problem !== undefined &&
  listed(state).some(({ enabled, spec }) => enabled && spec.kind === 'kubernetes');

const no = (exitCode: number, problem: Problem): Verdict => ({ ok: false, exitCode, problems: [problem] });

const isWaitedFor = (state: EngineState, on: 'cluster' | 'docker'): boolean =>
  listed(state).some(({ update: { hold } }) => hold?.reason === on);

/** The first failure in the order of resources decides the code; every failure is listed. */
function failures(state: EngineState, retries: number): Verdict | null {
  const found = troubledIn(state).flatMap((resource) => failureOf(resource, retries) ?? []);
  const [first] = found;
  return first
    ? {
        ok: false,
        exitCode: first.exitCode,
        problems: found.flatMap(({ problem, others = [] }) => [problem, ...others]),
      }
    : null;
}

/**
 * What is over, with the exit code that its cause has in every command. Null while it may still mend by itself, and while the last
 * words of what failed are being read. Without `retries` the first crash counts, and a Job is left to its own back-off.
 */
export function failureOf(
  resource: ResourceState,
  retries?: number,
): { readonly problem: Problem; readonly others?: readonly Problem[]; readonly exitCode: number } | null {
  const {
    update: { last },
    runtime,
  } = resource;
  if (last?.outcome === 'failed' && last.problem && resource.update.asked === null) {
    const isOut = last.problem.kind === 'unavailable' || last.problem.kind === 'timeout';
    if (last.problem.kind === 'unavailable' && !isRetriedOut(resource)) return null;
    const exitCode = isOut ? exitCodes.unreachable : last.phase === 'deploy' ? exitCodes.deploy : exitCodes.build;
    return { problem: last.problem, others: last.others ?? [], exitCode };
  }
  if (!runtime.problem || runtime.isUnheard || !isOver(runtime, retries)) return null;
  return { problem: runtime.problem, exitCode: exitCodes.runtime };
}

function isOver({ status, mends, crashes }: ResourceState['runtime'], retries: number | undefined): boolean {
  if (status === 'failed') return mends === 'never' || crashes > (retries ?? 0);
  return status === 'pending' && retries !== undefined && crashes > retries;
}

/** Tries in a row that found something out of reach, a registry or a webhook, span more than one that is starting needs. */
function isRetriedOut({ update: { history, last } }: ResourceState): boolean {
  const reached = history.findLastIndex(({ problem }) => problem?.kind !== 'unavailable');
  const first = history[reached + 1] ?? last;
  return (last?.endedAt ?? 0) - (first?.startedAt ?? 0) >= limits.runRetryMs;
}

/** Never asked for (`start: false`) counts as done: it is skipped. */
export function isDone(resource: ResourceState): boolean {
  if (!resource.enabled) return true;
  if (isRunning(resource) || resource.update.asked !== null || resource.update.hold !== null) return false;
  if (!resource.update.hasSucceeded) return !resource.spec.start && resource.update.last === null;
  return resource.runtime.status === 'ready' || resource.runtime.status === 'done';
}

export const isAllDone = (state: Listing<ResourceState>): boolean => undoneIn(state).length === 0;

const undoneIn = those((resource: ResourceState) => !isDone(resource));

/** Something is wrong with them, which may mend. */
const troubledIn = those(
  (resource: ResourceState) =>
    resource.enabled &&
    !isRunning(resource) &&
    (resource.update.last?.outcome === 'failed' || resource.runtime.problem !== null),
);
