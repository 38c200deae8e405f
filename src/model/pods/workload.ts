// A workload as its controller says it stands: numbers, revisions and conditions of its own status.
import type { Pod } from './pod.ts';

export const workloadKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

export interface Condition {
  readonly type: string;
  readonly isTrue: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface Workload {
  readonly kind: WorkloadKind;
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly place?: Pod['place'];
  readonly owner: Pod['owner'];
  /** Counts up with each change of what is wanted; the status is about `observedGeneration`. */
  readonly generation: number;
  readonly observedGeneration: number;
  /** It is not in the cluster any more; this is how it was seen last. */
  readonly isGone: boolean;
  /** Our hash on its pod template, null where it bears none: another one than was deployed is somebody else's doing. */
  readonly template: string | null;
  /** Of a Deployment and its ReplicaSets, equal for the newest; of a StatefulSet the revision its pods should have. */
  readonly revision: string | null;
  /** `RollingUpdate`, `Recreate`, `OnDelete`; empty where there is none. */
  readonly strategy: string;
  /** Pods of a StatefulSet below this ordinal keep the old revision. */
  readonly partition: number;
  readonly minReadySeconds: number;
  /** A Deployment that is paused, a Job that is suspended: somebody has to let it go on. */
  readonly isHeld: boolean;
  /** Pods there should be: of a DaemonSet as many as nodes want it, of a Job its completions, null where any number will do. */
  readonly wanted: number | null;
  /** Pods there are, of the newest template, ready, and ready for minReadySeconds. */
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  /** Pods of a Job that ended well, and that did not. */
  readonly succeeded: number;
  readonly failed: number;
  readonly conditions: readonly Condition[];
}

/** Pods that Services send to, as one EndpointSlice has them. */
export interface Endpoints {
  readonly uid: string;
  readonly namespace: string;
  /** uids of pods that take traffic. */
  readonly pods: readonly string[];
}
