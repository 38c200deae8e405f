// What is known of one resource, in groups: what changed, what brings it in, what was deployed or is served, how it runs.
import type { ComposeSpec, KubeSpec, LocalSpec } from './config.ts';
import type { ClusterEvent } from './pods/pod.ts';
import type { Problem } from './problems/problem.ts';
import type { RuntimeStatus } from './public-state.ts';
import type { Cause, Deployed, FileChange, Half, Work } from './run.ts';

export type HoldReason =
  | 'config-reload'
  | 'watching'
  | 'git'
  | 'docker'
  | 'cluster'
  | 'removing'
  | 'needs'
  | 'uncategorized'
  | 'shared-image'
  | 'container-starting'
  | 'container-paused'
  | 'slots'
  | 'manual';

export interface Hold {
  readonly reason: HoldReason;
  readonly on: readonly string[];
  /** Its images are built already: what is left to do is to deploy them. */
  readonly built?: true;
}

/** Why a run is wanted although no file says so. */
export interface Asked {
  readonly cause: Cause;
  readonly why: string;
  /** ms epoch; of a run that follows from that of another, since when that one was wanted. */
  readonly at: number;
  readonly force: boolean;
}

export interface RunState {
  readonly id: string;
  readonly cause: Cause;
  readonly why: readonly string[];
  readonly change: number;
  readonly files: readonly string[];
  readonly strategy: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** ms epoch: since when what it brings was wanted. */
  readonly since?: number;
  /** What it starts anew need not be restarted for the sake of what it needs. */
  readonly restarts?: true;
  /** Digest of the spec that this run carries out. */
  readonly digest: string;
  /** Which half of a run that builds and deploys it was, where these were two. */
  readonly half?: Half;
  readonly force: boolean;
  readonly outcome: 'ok' | 'failed' | 'cancelled' | null;
  readonly phase: 'build' | 'deploy' | 'update' | null;
  readonly steps: readonly { readonly step: string; readonly at: number; readonly ms: number | null }[];
  readonly problem: Problem | null;
  /** How far its step is, as it was last drawn. */
  readonly progress?: string;
  readonly others?: readonly Problem[];
}

/** Where the run of a resource is. Controllers make what is wanted so; nothing else starts anything. */
export type RunPhase =
  | { readonly is: 'idle' }
  /** Planned; its controller has not said yet that it began. */
  | { readonly is: 'wanted'; readonly work: Work }
  | { readonly is: 'running'; readonly work: Work; readonly run: RunState }
  /** Nobody wants its result any more: it was asked to stop, and the next one waits for its end. */
  | { readonly is: 'stopping'; readonly run: RunState };

/** Which changes belong here, and how far each has come. */
export interface ChangesState {
  /** Files changed and not yet in a successful run: path → change. Bounded by limits.pendingPaths. */
  readonly pending: Readonly<Record<string, FileChange>>;
  /** ms epoch: when the oldest of them was saved. */
  readonly pendingSince: number | null;
  /** Newest change that belongs here. */
  readonly seen: number;
  /** Newest change in a successful run. */
  readonly contained: number;
  /** Newest change of the last run that failed or was cancelled by hand: only a newer one starts another. */
  readonly given: number;
  /** Newest change that is running, with all before it. */
  readonly live: number;
  /** Changes that belong here and are not running, oldest first. Bounded by limits.changesBehind. */
  readonly behind: readonly number[];
}

/** The runs that bring changes in: what asks for one, what it waits for, what became of those before. */
export interface UpdateState {
  readonly asked: Asked | null;
  readonly hold: Hold | null;
  readonly now: RunPhase;
  /** Stale runs called off in a row. */
  readonly cancels: number;
  readonly last: RunState | null;
  /** The last ones that ended, oldest first. Bounded by limits.historyPerResource. */
  readonly history: readonly RunState[];
  /** Since it was enabled. */
  readonly hasSucceeded: boolean;
  /** Digest of the spec that the last successful run carried out: another one in the configuration needs more than files. */
  readonly digest: string | null;
  /** A run that failed because something was out of reach is tried again then. */
  readonly retryAt: number | null;
  /** Of images that were built while it waits: every change up to this is in them, as this digest of the spec has them made. */
  readonly ahead: { readonly change: number; readonly digest: string } | null;
  /** Something it needs was updated: it is restarted once that is up. */
  readonly wantsRestart: boolean;
}

/** What is in the cluster, or in Docker of a Compose service. */
export interface DeployState {
  /** Of the last successful deploy. */
  readonly result: Deployed | null;
  /** ms epoch, 0 for never. */
  readonly at: number;
  /** Of each image of the last deploy: changes up to this are in it; of one built elsewhere: were there when its pods began. */
  readonly imagesAt: Readonly<Record<string, number>>;
  /** An update in place got half-way: containers disagree until the next deploy. */
  readonly inconsistent: boolean;
  /** Running containers that lack files an earlier run brought in and that a run was asked for: once per container. */
  readonly refilled: readonly string[];
  /** Names of containers of a Compose service that somebody else has taken away since. */
  readonly lost: readonly string[];
  /** Its pods are being deleted to be made anew. */
  readonly restarting: boolean;
}

export interface ServerState {
  readonly generation: number;
  readonly status: 'starting' | 'ready' | 'unready' | 'exited' | 'failed';
  readonly pid: number | null;
  readonly startedAt: number;
  readonly exitCode: number | null;
  readonly problem: Problem | null;
}

/** What a local resource serves. */
export interface ServingState {
  /** There is something to serve: a run succeeded since it was enabled. */
  readonly serves: boolean;
  readonly process: ServerState | null;
  /** After crashes, in all. */
  readonly restarts: number;
  /** ms epoch: when it is started again, null where it is not. */
  readonly restartAt: number | null;
  /** Crashes in a row, by which the pause before the next start grows. */
  readonly failures: number;
}

/** Concluded at each turn from what processes, controllers and pods say. */
export interface RuntimeState {
  readonly status: RuntimeStatus;
  readonly text: string;
  /** ms epoch: of its status. */
  readonly since: number;
  readonly problem: Problem | null;
  readonly stuck: boolean;
  /**
   * Whether what is wrong mends itself: `never` · by being started again, which `crashes` bounds · by waiting for something,
   * no longer than limits.podMendMs.
   */
  readonly mends: 'never' | 'restarts' | 'waits';
  /** Crashes of its container, or failed pods of its Job, that count against `--retries`. */
  readonly crashes: number;
  /** The last words of what failed are still being read. */
  readonly isUnheard: boolean;
}

export interface ForwardState {
  readonly to: string;
  readonly status: 'waiting' | 'listening' | 'failed';
  readonly problem: Problem | null;
}

interface OfAnyKind {
  readonly enabled: boolean;
  readonly trigger: 'auto' | 'manual';
  /** Numbers given so far: none is given twice, also where the kind becomes another. */
  readonly used: {
    /** Of runs, also of those that were replaced before they started. */
    readonly runs: number;
    /** Of servers: bumped by each successful run and each restart. */
    readonly generations: number;
  };
  readonly changes: ChangesState;
  readonly update: UpdateState;
  readonly runtime: RuntimeState;
  /** ms of the longest chain of what needs it, itself included, as earlier sessions took; in steps where none is known. */
  readonly chain: number;
  /** It was up once since it was enabled. */
  readonly wasReady: boolean;
  /** How much it has said. */
  readonly logs: { readonly lines: number; readonly bytes: number };
}

export interface LocalState extends OfAnyKind {
  readonly kind: 'local';
  readonly spec: LocalSpec;
  readonly server: ServingState;
}

export interface KubernetesState extends OfAnyKind {
  readonly kind: 'kubernetes';
  readonly spec: KubeSpec;
  readonly deploy: DeployState;
  /** What the cluster said of its objects, oldest first. Bounded by limits.eventsPerResource. */
  readonly events: readonly ClusterEvent[];
  /** By local place. */
  readonly forwards: Readonly<Record<string, ForwardState>>;
}

export interface ComposeState extends OfAnyKind {
  readonly kind: 'compose';
  readonly spec: ComposeSpec;
  readonly deploy: DeployState;
}

/** What runs in containers. */
export type DeployableState = KubernetesState | ComposeState;

export type ResourceState = LocalState | DeployableState;
