// The one state of a session. Plain data: a recording of facts always gives the same states.
import type { ComposeSpec, Config, FileSet } from './config.ts';
import type { SessionOptions } from './fact.ts';
import type { Pod, Service } from './pods/pod.ts';
import type { Endpoints, Workload } from './pods/workload.ts';
import type { DockerInfo, KubeInfo } from './ports.ts';
import type { Problem } from './problems/problem.ts';
import type { Health } from './public-state.ts';
import type { ResourceState } from './resource-state.ts';
import type { BuiltImage, Deployed, FileChange } from './run.ts';

export type {
  Asked,
  ComposeState,
  DeployableState,
  DeployState,
  Hold,
  HoldReason,
  KubernetesState,
  LocalState,
  ResourceState,
  RunState,
  ServerState,
} from './resource-state.ts';

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
  /** Of a Compose service, as it was: its containers go. */
  readonly compose?: ComposeSpec;
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
