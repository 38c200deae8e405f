// Has it come up, or can it not? For `up --once` and `ci`, and for the exit code of every session.
import { lookup } from '../model/lookup.ts';
import type { Problem } from '../model/problem.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { isRunning } from './resource.ts';

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

/** Null while it may still come up. */
export function verdictOf(state: EngineState): Verdict | null {
  if (state.bug)
    return no(exitCodes.bug, { kind: 'step', code: 'S002', what: `bug in ${state.bug.where}: ${state.bug.error}` });
  if (state.config.problems.length > 0 && state.config.loaded === state.config.wanted)
    return { ok: false, exitCode: exitCodes.usage, problems: state.config.problems };
  if (state.config.current === null) return null;
  const refused = [state.cluster, state.docker].find(
    (health) => health.problem?.kind === 'yours' || health.problem?.kind === 'denied',
  );
  if (refused?.problem && isWaitedFor(state, refused === state.cluster ? 'cluster' : 'docker'))
    return no(exitCodes.usage, refused.problem);
  const failed = failures(state);
  if (failed) return failed;
  const isUp = state.order.every((name) => isDone(lookup(state.resources, name) as ResourceState));
  return isUp ? { ok: true, exitCode: exitCodes.ok, problems: [] } : null;
}

const no = (exitCode: number, problem: Problem): Verdict => ({ ok: false, exitCode, problems: [problem] });

const isWaitedFor = (state: EngineState, on: 'cluster' | 'docker'): boolean =>
  state.order.some((name) => lookup(state.resources, name)?.hold?.reason === on);

/** The first failure in the order of resources decides the code; every failure is listed. */
function failures(state: EngineState): Verdict | null {
  const problems: Problem[] = [];
  let exitCode = 0;
  for (const name of state.order) {
    const resource = lookup(state.resources, name) as ResourceState;
    if (!resource.enabled || isRunning(resource)) continue;
    const found = failureOf(resource);
    if (!found) continue;
    problems.push(found.problem);
    exitCode ||= found.exitCode;
  }
  return problems.length > 0 ? { ok: false, exitCode, problems } : null;
}

/** Null while it may still mend by itself. */
export function failureOf(resource: ResourceState): { problem: Problem; exitCode: number } | null {
  const { last, runtime } = resource;
  if (last?.outcome === 'failed' && last.problem && resource.asked === null) {
    const { kind } = last.problem;
    if (kind === 'unavailable') return null;
    const exitCode =
      kind === 'timeout' ? exitCodes.unreachable : last.phase === 'deploy' ? exitCodes.deploy : exitCodes.build;
    return { problem: last.problem, exitCode };
  }
  if (runtime.status === 'failed' && runtime.problem) return { problem: runtime.problem, exitCode: exitCodes.runtime };
  return null;
}

/** Never asked for (`start: false`) counts as done: it is skipped. */
function isDone(resource: ResourceState): boolean {
  if (!resource.enabled) return true;
  if (isRunning(resource) || resource.asked !== null || resource.hold !== null) return false;
  if (!resource.hasSucceeded) return !resource.spec.start && resource.last === null;
  return resource.runtime.status === 'ready' || resource.runtime.status === 'done';
}
