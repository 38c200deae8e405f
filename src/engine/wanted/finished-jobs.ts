// Jobs that ran to their end and are not noted to have.
import type { Deployed } from '../../model/run.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { those } from '../resources/those.ts';

/** By resource, what was deployed. */
export const finishedIn = (state: EngineState): ReadonlyMap<string, Deployed> =>
  new Map(
    newlyDoneIn(state).flatMap(({ spec, deploy: { result: deployed } }) => (deployed ? [[spec.name, deployed]] : [])),
  );

const newlyDoneIn = those(
  ({ spec, runtime, deploy: { result: deployed } }: ResourceState) =>
    spec.kind === 'kubernetes' &&
    spec.ready === 'job' &&
    runtime.status === 'done' &&
    Object.values(deployed?.jobs ?? {}).some(({ isDone }) => !isDone),
);
