// A pod as sluice sees it: what the cluster said, in kubectl's words.
export interface Container {
  readonly name: string;
  readonly type: 'main' | 'init' | 'ephemeral';
  /** Runs as long as its pod: a main container, or an init container with `restartPolicy: Always` (a native sidecar). */
  readonly lasting: boolean;
  /** Runtime id (`containerd://…`), null until it was created. A new id is a new container: new log tail, new ledger. */
  readonly id: string | null;
  readonly image: string;
  readonly imageId: string;
  readonly ready: boolean;
  readonly state: 'waiting' | 'running' | 'terminated';
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** ms since the epoch. */
  readonly startedAt: number | null;
  readonly restarts: number;
  readonly last: {
    readonly exitCode: number;
    readonly reason: string;
    readonly id: string | null;
    readonly finishedAt: number | null;
  } | null;
  readonly ports: readonly number[];
  readonly readOnlyRoot: boolean;
  /** Readiness. Null for none. `windowMs`: within this it is known whether a process fails it: failures × period, the last one's timeout. */
  readonly probe: { readonly windowMs: number; readonly question?: ProbeQuestion | null } | null;
}

/** A probe that can be asked by others than the kubelet. */
export type ProbeQuestion =
  | { readonly is: 'http'; readonly scheme: 'http' | 'https'; readonly port: number; readonly path: string }
  | { readonly is: 'tcp'; readonly port: number }
  | { readonly is: 'exec'; readonly cmd: readonly string[] };

export interface Pod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly createdAt: number;
  readonly deleting: boolean;
  readonly phase: string;
  /** kubectl's STATUS column: Running, Init:0/1, CrashLoopBackOff, Terminating, … */
  readonly status: string;
  /** The message that goes with a bad status, if the cluster gave one. */
  readonly message: string | null;
  readonly ready: boolean;
  readonly restarts: number;
  readonly node: string | null;
  readonly ip: string | null;
  readonly owner: { readonly kind: string; readonly name: string; readonly uid: string } | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Of its project, where that counts only together with a directory. */
  readonly place?: string | null;
  readonly containers: readonly Container[];
  /** Of a container of a Compose service, which is shown as a pod of one; where its published ports are. */
  readonly compose?: {
    readonly project: string;
    readonly service: string;
    readonly urls: readonly string[];
    /** Not in recordings of earlier versions. */
    readonly madeOf?: ContainerOrigin;
  };
  /** What the session knows of it beside what the cluster says: the reducer adds it. */
  readonly known?: KnownOfPod;
}

/** Two containers of a service that have both in common are the same to Compose, whoever made them. */
export interface ContainerOrigin {
  /** Of its configuration, as Compose labels it; empty where it has no such label. */
  readonly hash: string;
  /** Id of its image. */
  readonly image: string;
}

export interface KnownOfPod {
  /** Restarts by container of before the session: they are none of its failures. */
  readonly restarts: Readonly<Record<string, number>>;
  /** Ids of its containers, or their starts, whose logs were read to their end. */
  readonly heard: readonly string[];
}

export interface ClusterEvent {
  readonly at: number;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly object: { readonly kind: string; readonly name: string; readonly namespace: string; readonly uid: string };
  readonly count: number;
}

export interface Service {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly place?: string | null;
  readonly selector: Readonly<Record<string, string>>;
  /** URLs of load balancers and node ports. */
  readonly urls: readonly string[];
}
