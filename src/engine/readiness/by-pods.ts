// Where no controller can be asked (a custom kind, a bare pod, one that may not be read): the pods that are there are counted.
import type { ClusterEvent, Pod } from '../../model/pods/pod.ts';
import { isOver, isUnplaced } from './controller-status.ts';
import { failing } from './pod-failure.ts';
import { keptBack } from './reason.ts';
import { done, pending, ready, type Standing } from './standing.ts';

/** A DaemonSet does not say how many there will be: all that are there. */
export function byPods(
  kind: string,
  replicas: number,
  pods: readonly Pod[],
  events: readonly ClusterEvent[],
): Standing {
  const newest = pods.at(-1);
  if (kind === 'Pod' && newest?.phase === 'Succeeded') return done(newest.status);
  if (replicas === 0 && kind !== 'DaemonSet') return ready('scaled to 0', { ready: 0, wanted: 0 });
  // Evicted pods stay as tombstones beside the ones that replaced them.
  const counted = pods.filter((pod) => pod === newest || !isOver(pod));
  const wanted = kind === 'DaemonSet' ? Math.max(1, counted.length) : replicas;
  const up = counted.filter((pod) => pod.ready).length;
  const bad = failing(pods);
  if (bad) return bad;
  const progress = newest === undefined ? 'waiting for pods' : wanted > 1 ? `${up}/${wanted} ready` : newest.status;
  if (up >= wanted) return ready(progress, { ready: wanted, wanted });
  return pending(
    progress,
    { ready: up, wanted },
    { reason: keptBack(counted, events), stuck: counted.some(isUnplaced) },
  );
}
