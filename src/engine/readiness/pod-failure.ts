// A pod that is not well by itself makes its workload so: the worst of them is told.
import type { Pod } from '../../model/pods/pod.ts';
import { podFailure, worst } from '../runtime/pod-problem.ts';
import { isOver } from './controller-status.ts';
import { failed, type Standing } from './standing.ts';

/** Null where none fails. `pods` oldest first; evicted ones stay as tombstones beside those that replaced them. */
export function failing(pods: readonly Pod[]): Standing | null {
  const newest = pods.at(-1);
  const counted = pods.filter((pod) => pod === newest || !isOver(pod));
  const failure = worst(counted.flatMap((pod) => podFailure(pod) ?? []));
  if (!failure) return null;
  const { problem, mends, crashes, isUnheard } = failure;
  const text = counted.find(({ name }) => name === problem.of?.pod)?.status ?? '';
  const lost = pods.filter(({ phase }) => phase === 'Failed').length;
  return { ...failed(text, problem), mends, crashes: Math.max(crashes, lost), isUnheard };
}
