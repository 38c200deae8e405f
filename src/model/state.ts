// The one state of a session. Plain data: a recording of facts always gives the same states.
import type { Config, FileSet, ResourceSpec } from './config.ts';
import type { SessionOptions } from './fact.ts';
import type { ClusterEvent, Pod, Service } from './pod.ts';
import type { DockerInfo, KubeInfo } from './ports.ts';
import type { Problem } from './problem.ts';
import type { Health, RuntimeStatus } from './public-state.ts';
import type { BuiltImage, Cause, Deployed, FileChange, Work } from './run.ts';
import type { Endpoints, Workload } from './workload.ts';

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
  | 'slots'
  | 'manual';

export interface Hold {
  readonly reason: HoldReason;
  readonly on: readonly string[];
}

/** Why a run is wanted although no file says so. */
export interface Asked {
  readonly cause: Cause;
  readonly why: string;
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
  /** Digest of the spec that this run carries out. */
  readonly digest: string;
  readonly force: boolean;
  readonly outcome: 'ok' | 'failed' | 'cancelled' | null;
  readonly phase: 'build' | 'deploy' | 'update' | null;
  readonly steps: readonly { readonly step: string; readonly at: number; readonly ms: number | null }[];
  readonly problem: Problem | null;
  /** How far its step is, as it was last drawn. */
  readonly progress?: string;
  readonly others?: readonly Problem[];
}

export interface ServerState {
  readonly generation: number;
  readonly status: 'starting' | 'ready' | 'unready' | 'exited' | 'failed';
  readonly pid: number | null;
  readonly startedAt: number;
  readonly exitCode: number | null;
  readonly problem: Problem | null;
}

export interface ResourceState {
  readonly spec: ResourceSpec;
  readonly enabled: boolean;
  readonly trigger: 'auto' | 'manual';
  /** Files changed and not yet in a successful run: path → change. Bounded by limits.pendingPaths. */
  readonly pending: Readonly<Record<string, FileChange>>;
  readonly pendingSince: number | null;
  /** Newest change that belongs here, newest in a successful run, newest that is running. */
  readonly seen: number;
  readonly contained: number;
  readonly live: number;
  /** Changes that belong here and are not running, oldest first. Bounded by limits.changesBehind. */
  readonly behind: readonly number[];
  /** Newest change of the last run that failed or was cancelled by hand: only a newer one starts another. */
  readonly given: number;
  readonly asked: Asked | null;
  readonly desired: Work | null;
  readonly run: RunState | null;
  /** Run ids count up, also for runs that were replaced before they started. */
  readonly runs: number;
  readonly cancels: number;
  readonly hold: Hold | null;
  readonly last: RunState | null;
  readonly history: readonly RunState[];
  readonly hasSucceeded: boolean;
  readonly wasReady: boolean;
  readonly deployed: Deployed | null;
  readonly deployedAt: number;
  /** Of each image of the last deploy: changes up to this are in it; of one built elsewhere: were there when its pods began. */
  readonly imagesAt: Readonly<Record<string, number>>;
  /** Digest of the spec that the last successful run carried out: another one in the configuration needs more than files. */
  readonly digest: string | null;
  readonly inconsistent: boolean;
  /** Running containers that lack files an earlier run brought in and that a run was asked for: once per container. */
  readonly refilled: readonly string[];
  /** A run that failed because something was out of reach is tried again then. */
  readonly retryAt: number | null;
  /** Bumped by each successful run and each restart; never the same twice. */
  readonly generation: number;
  /** There is something to serve: a run succeeded since it was enabled. */
  readonly serves: boolean;
  readonly server: ServerState | null;
  readonly restarts: number;
  readonly restartAt: number | null;
  readonly failures: number;
  readonly restarting: boolean;
  /** Something it needs was updated: it is restarted once that is up. */
  readonly wantsRestart: boolean;
  readonly runtime: {
    readonly status: RuntimeStatus;
    readonly text: string;
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
  };
  readonly events: readonly ClusterEvent[];
  readonly forwards: Readonly<
    Record<
      string,
      { readonly to: string; readonly status: 'waiting' | 'listening' | 'failed'; readonly problem: Problem | null }
    >
  >;
  readonly logs: { readonly lines: number; readonly bytes: number };
}

export interface ImageState {
  readonly last: BuiltImage | null;
  /** Changed since the oldest image of it that is deployed was made, newest change of each path. */
  readonly files: Readonly<Record<string, FileChange>>;
  /** More than limits.pendingPaths changed, up to this change: what is to have them needs a build. 0 for never. */
  readonly lost: number;
}

/** A container that was updated in place, and whether what was put into it keeps running. See engine/runtime/trial.ts. */
export interface Trial {
  /** Of the container. */
  readonly id: string;
  /** ms epoch: when it was updated. */
  readonly at: number;
  /** ms that it has to stay up to count. */
  readonly stayMs: number;
  /** `fell`: it ended on trial. `over`: it ended later. */
  readonly is: 'trying' | 'up' | 'fell' | 'over';
  /** Its readiness probe has passed since. */
  readonly hasAnswered: boolean;
  readonly wasUnready: boolean;
  /** ms from the update until it ended. */
  readonly lastedMs: number;
}

export interface Removal {
  readonly deployed: Deployed;
  /** Names of what it needed: these go after it. */
  readonly needs: readonly string[];
  readonly because: 'removed' | 'disabled';
  /** A run that is still stopping: nothing is taken down while it may apply something. */
  readonly after: string | null;
  /** Of a Compose service: its containers go. */
  readonly compose?: { readonly project: string; readonly service: string };
}

export interface EngineState {
  readonly phase: 'starting' | 'up' | 'draining' | 'stopped';
  readonly options: SessionOptions;
  readonly startedAt: number;
  readonly config: {
    readonly current: Config | null;
    readonly problems: readonly Problem[];
    readonly reads: FileSet | null;
    /** Loads asked for and loads done: unequal means a reload is under way. */
    readonly wanted: number;
    readonly loaded: number;
    /** Oldest change to what it was made of that is not loaded yet. */
    readonly changed: number | null;
  };
  readonly resources: Readonly<Record<string, ResourceState>>;
  readonly order: readonly string[];
  readonly images: Readonly<Record<string, ImageState>>;
  readonly pods: Readonly<Record<string, Pod>>;
  readonly services: Readonly<Record<string, Service>>;
  /** By uid; those that are gone included, up to limits.goneWorkloads. */
  readonly workloads: Readonly<Record<string, Workload>>;
  /** EndpointSlices by uid; without those that no pod is in. */
  readonly endpoints: Readonly<Record<string, Endpoints>>;
  /** Container id → every change up to this is inside. */
  readonly ledgers: Readonly<Record<string, number>>;
  /** By pod uid and container name; gone with the pod. */
  readonly trials: Readonly<Record<string, Trial>>;
  readonly removals: Readonly<Record<string, Removal>>;
  readonly changes: { readonly seen: number };
  readonly files: {
    readonly watching: boolean;
    readonly settling: boolean;
    /** The path that began to settle last: what is slow to prepare may begin before it is known whether it changed. */
    readonly first: string | null;
    /** Why not all is watched, only polled. */
    readonly problem: Problem | null;
    /** The project directory is not there: nothing of it is known. */
    readonly away: Problem | null;
  };
  readonly git: { readonly held: boolean; readonly because: string };
  readonly docker: Health & {
    readonly info: DockerInfo | null;
    /** How often a run has found it gone. */
    readonly doubts: number;
  };
  readonly cluster: Health & { readonly info: KubeInfo | null };
  readonly feeds: Readonly<Record<string, Health>>;
  /** ms epoch at which the planner wants to look again. */
  readonly wakeAt: number | null;
  /** False in the middle of a turn: facts are folded that the planner has not seen. */
  readonly isPlanned: boolean;
  readonly isIdle: boolean;
  readonly stop: { readonly reason: string; readonly exitCode: number; readonly at: number } | null;
  /** `inReducer`: nothing but what ends is folded any more. */
  readonly bug: { readonly where: string; readonly error: string; readonly inReducer: boolean } | null;
}
