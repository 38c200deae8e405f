// clock/set: what the state remembers as moments moves along, so that everything is as old as it was and due when it was.
import type { EngineState, ResourceState } from '../../model/state.ts';

export function clockSet(state: EngineState, byMs: number): EngineState {
  const moved = <T extends number | null>(at: T): T => (at === null ? at : ((at + byMs) as T));
  const resources = Object.entries(state.resources).map(([name, of]) => [name, resourceMoved(of, moved, byMs)]);
  const trials = Object.entries(state.trials).map(([key, trial]) => [key, { ...trial, at: moved(trial.at) }]);
  return {
    ...state,
    resources: Object.fromEntries(resources),
    trials: Object.fromEntries(trials),
    stop: state.stop && { ...state.stop, at: moved(state.stop.at) },
  };
}

type Moved = <T extends number | null>(at: T) => T;

function resourceMoved(of: ResourceState, moved: Moved, byMs: number): ResourceState {
  const { run, server, asked, runtime } = of;
  return {
    ...of,
    pendingSince: moved(of.pendingSince),
    asked: asked && { ...asked, at: moved(asked.at) },
    run: run && {
      ...run,
      startedAt: moved(run.startedAt),
      steps: run.steps.map((step) => ({ ...step, at: moved(step.at) })),
    },
    server: server && { ...server, startedAt: moved(server.startedAt) },
    restartAt: moved(of.restartAt),
    retryAt: moved(of.retryAt),
    runtime: { ...runtime, since: moved(runtime.since) },
    // Compared with what the cluster's clock says, which may have been set with ours or not: rather too early.
    deployedAt: of.deployedAt + Math.min(0, byMs),
  };
}
