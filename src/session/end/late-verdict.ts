// The verdict when time has run out: what each resource was last known to do, and what was failing.
import { currentRun, isRunning } from '../../engine/resources/run.ts';
import { toldEvents } from '../../engine/runtime/told-events.ts';
import { exitCodes, isDone, type Verdict } from '../../engine/verdict.ts';
import { limits } from '../../model/limits.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { waitingFor } from '../../view/wording.ts';

export function late(state: EngineState, timeoutMs: number): Verdict {
  const waiting = state.order.flatMap((name) => {
    const resource = lookup(state.resources, name);
    return resource && !isDone(resource) ? [{ name, resource }] : [];
  });
  const problem: Problem = {
    kind: 'timeout',
    code: 'S628',
    what: `not up after ${timeoutMs / 1000} s: ${waiting.map(({ name, resource }) => `${name} (${lastKnown(resource)})`).join(', ') || unnamed(state)}`,
    hint: 'give it more time with --timeout, or see what it waits for',
  };
  // Of what has no problem of its own the cluster may have told why, as of a probe that fails.
  const told = waiting.flatMap(({ name, resource }) =>
    problemOf(resource) ? [] : toldEvents(resource).map((line) => `${name}: ${line}`),
  );
  const said = told.length > 0 ? { logTail: told.slice(0, limits.problemLogLines) } : {};
  const outside = [state.docker, state.cluster].flatMap((health) => health.problem ?? []);
  const own = waiting.flatMap(({ resource }) => problemOf(resource) ?? []);
  return { ok: false, exitCode: exitCodes.unreachable, problems: [...outside, { ...problem, ...said }, ...own] };
}

/** What failed last and was being tried again. */
const problemOf = ({ update: { last }, runtime }: ResourceState): Problem | null =>
  (last?.outcome === 'failed' ? last.problem : null) ?? runtime.problem;

function lastKnown(resource: ResourceState): string {
  const {
    update: { hold, last, asked, retryAt },
    runtime,
  } = resource;
  const run = currentRun(resource);
  if (run) return run.steps.at(-1)?.step ?? 'running';
  if (isRunning(resource)) return 'starting';
  if (hold) return waitingFor(hold);
  if (last?.outcome === 'failed') return retryAt === null ? 'failed' : 'failed, to be tried again';
  if (last?.outcome === 'cancelled') return 'cancelled';
  if (asked) return 'not started yet';
  const crashes = runtime.crashes > 0 ? `, crashed ${runtime.crashes === 1 ? 'once' : `${runtime.crashes} times`}` : '';
  return `${runtime.text || runtime.status}${crashes}`;
}

/** All is up, only not for long enough; or there is no configuration to name anything by. */
const unnamed = (state: EngineState): string =>
  state.config.current === null
    ? 'the configuration was still being read'
    : 'all was ready, but did not stay so long enough';
