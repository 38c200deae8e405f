// clock/*: what was due is due; where the machine's clock is set, what the state remembers as moments moves along, so that everything is as old as it was and due when it was.
import type { Action } from '../../model/fact.ts';
import type { RunPhase } from '../../model/resource-state.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { withDeploy, withServer } from '../resources/resource.ts';
import { listed, replaced } from '../resources/resource-list.ts';
import { withRun } from '../resources/run.ts';
import { dueRetries } from './outside.ts';
import { dueRestarts } from './servers.ts';

export function clockFact(state: EngineState, fact: Extract<Action, { type: `clock/${string}` }>): EngineState {
  if (fact.type === 'clock/set') return clockSet(state, fact.byMs);
  const now = timeOf(fact);
  return dueRetries(dueRestarts(state, now), now);
}

/** A timer may ring a moment early, and clocks step back: what was due is due. */
export const timeOf = (fact: Action): number => (fact.type === 'clock/reached' ? Math.max(fact.at, fact.due) : fact.at);

function clockSet(state: EngineState, byMs: number): EngineState {
  const moved = <T extends number | null>(at: T): T => (at === null ? at : ((at + byMs) as T));
  const resources = listed(state).map((resource) => resourceMoved(resource, moved, byMs));
  const trials = Object.entries(state.trials).map(([key, trial]) => [key, { ...trial, at: moved(trial.at) }]);
  return {
    ...replaced(state, resources),
    trials: Object.fromEntries(trials),
    stop: state.stop && { ...state.stop, at: moved(state.stop.at) },
  };
}

function withSince(now: RunPhase, moved: Moved): RunPhase {
  if (now.is !== 'wanted' && now.is !== 'running') return now;
  const { since } = now.work;
  return since === undefined ? now : { ...now, work: { ...now.work, since: moved(since) } };
}

type Moved = <T extends number | null>(at: T) => T;

function resourceMoved(of: ResourceState, moved: Moved, byMs: number): ResourceState {
  const {
    update: { now, asked },
    runtime,
  } = of;
  const next: ResourceState = {
    ...of,
    changes: { ...of.changes, pendingSince: moved(of.changes.pendingSince) },
    update: {
      ...of.update,
      asked: asked && { ...asked, at: moved(asked.at) },
      now: withRun(withSince(now, moved), (run) => ({
        ...run,
        startedAt: moved(run.startedAt),
        ...(run.since === undefined ? {} : { since: moved(run.since) }),
        steps: run.steps.map((step) => ({ ...step, at: moved(step.at) })),
      })),
      retryAt: moved(of.update.retryAt),
    },
    runtime: { ...runtime, since: moved(runtime.since) },
  };
  if (next.kind === 'local')
    return withServer(next, ({ process, restartAt }) => ({
      process: process && { ...process, startedAt: moved(process.startedAt) },
      restartAt: moved(restartAt),
    }));
  // Compared with what the cluster's clock says, which may have been set with ours or not: rather too early.
  return withDeploy(next, { at: next.deploy.at + Math.min(0, byMs) });
}
