// What is up, but crashed more often than is forgiven before it was: it counts whether or not it was ever seen down.
import type { Pod } from '../../model/pods/pod.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { withResource } from '../resources/resource.ts';
import { listed } from '../resources/resource-list.ts';
import { type Failure, pastFailure, worst } from './pod-problem.ts';
import { podsByResource } from './runtime.ts';
import { pastCrashes } from './service-containers.ts';

/** As the verdict sees it: such resources have failed, so that every report tells of theirs. The same state where there is none. */
export function withCrashes(state: EngineState, retries: number): EngineState {
  const pods = podsByResource(state);
  let told = state;
  for (const { spec, enabled, kind, runtime } of listed(state)) {
    if (!enabled || kind === 'local' || runtime.status !== 'ready') continue;
    const failure = worst((pods.get(spec.name) ?? []).flatMap((pod) => pastOf(pod, state.startedAt, retries)));
    if (failure) told = withResource(told, spec.name, (resource) => failed(resource, failure));
  }
  return told;
}

function pastOf(pod: Pod, startedAt: number, retries: number): readonly Failure[] {
  const failure = pod.compose ? pastCrashes(pod) : pastFailure(pod, startedAt);
  return failure && !pod.deleting && failure.crashes > retries ? [failure] : [];
}

const failed = <R extends ResourceState>(resource: R, failure: Failure): R => ({
  ...resource,
  runtime: { ...resource.runtime, ...failure, status: 'failed', text: 'started again' },
});
