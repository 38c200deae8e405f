// What the cluster said about a failure, folded: a warning that came again is one line with how often.

import { limits } from '../../model/limits.ts';
import type { ClusterEvent } from '../../model/pods/pod.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { ResourceState } from '../../model/state.ts';
import { deployOf, eventsOf } from '../resources/resource.ts';

/** Lines like `BackOff ×4: Back-off restarting failed container`, in the order of their last time, at most limits.problemEvents. */
export function toldEvents(
  resource: ResourceState,
  { of, what = '' }: Partial<Pick<Problem, 'of' | 'what'>> = {},
): readonly string[] {
  const deployedAt = deployOf(resource)?.at ?? 0;
  const folded = new Map<string, ClusterEvent>();
  for (const event of eventsOf(resource)) {
    if (event.type !== 'Warning' || !isAbout(event, of, deployedAt) || isSaid(event, what)) continue;
    const key = keyOf(event);
    const before = folded.get(key);
    folded.delete(key);
    folded.set(key, before ? together(before, event) : event);
  }
  return [...folded.values()].slice(-limits.problemEvents).map(lineOf);
}

/** The kubelet repeats as an event what it says of the container; what makes or places pods is quoted from its events. */
const isSaid = ({ message, reason }: ClusterEvent, what: string): boolean =>
  what.includes(message.replace(/^Error: /, '').trim()) ||
  what.startsWith(`${reason}: `) ||
  (reason === 'FailedScheduling' && what.startsWith('Pending: '));

/** Times of events are whole seconds. */
const clockSkewMs = 1_000;

/** A pod's own, and what its controller says of this deploy; other pods of the resource have other troubles. */
const isAbout = ({ object, at }: ClusterEvent, of: Problem['of'], deployedAt: number): boolean =>
  object.kind === 'Pod' && of !== undefined ? object.name === of.pod : at >= deployedAt - clockSkewMs;

/** Probes have one reason for all kinds: `Readiness probe failed: …`. */
const keyOf = ({ reason, message }: ClusterEvent): string =>
  reason === 'Unhealthy' ? `${reason} ${message.split(':', 1)[0]}` : reason;

/** The message that says more: `Error: ImagePullBackOff` says less than why. */
const together = (a: ClusterEvent, b: ClusterEvent): ClusterEvent => ({
  ...b,
  message: b.message.length >= a.message.length ? b.message : a.message,
  count: a.count + b.count,
});

const lineOf = ({ reason, message, count }: ClusterEvent): string =>
  `[${reason}${count > 1 ? ` ×${count}` : ''}] ${message.replace(/\s+/g, ' ').trim()}`;
