// Where the run of a resource is: idle → wanted → running → idle, or stopping in between where nobody wants its result any more.
import type { RunPhase } from '../../model/resource-state.ts';
import type { Work } from '../../model/run.ts';
import type { ResourceState, RunState } from '../../model/state.ts';

export const idle: RunPhase = { is: 'idle' };

/** Wanted, running or stopping: no other may start. */
export const isRunning = ({ update: { now } }: ResourceState): boolean => now.is !== 'idle';

/** The run under way, also while it stops. */
export const currentRun = ({ update: { now } }: ResourceState): RunState | null =>
  now.is === 'running' || now.is === 'stopping' ? now.run : null;

/** What should run. */
export const currentWork = ({ update: { now } }: ResourceState): Work | null =>
  now.is === 'wanted' || now.is === 'running' ? now.work : null;

/** What its run brings is wanted no more: what had not begun will not, what has is asked to stop. */
export function calledOff(now: RunPhase): RunPhase {
  if (now.is === 'wanted') return idle;
  return now.is === 'running' ? { is: 'stopping', run: now.run } : now;
}

/** The run under way with something of it changed. */
export const withRun = (now: RunPhase, change: (run: RunState) => RunState): RunPhase =>
  now.is === 'running' || now.is === 'stopping' ? { ...now, run: change(now.run) } : now;
