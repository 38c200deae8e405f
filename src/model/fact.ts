// What the outside world says: past tense, plain JSON. A fact that cannot be recorded is not a fact.

import type { Overrides } from './config/overrides.ts';
import type { Config, FileSet } from './config.ts';
import type { ClusterEvent, Pod, Service } from './pods/pod.ts';
import type { Endpoints, Workload } from './pods/workload.ts';
import type { ConfirmedChange } from './ports/files.ts';
import type { DockerInfo, KubeInfo, WatchedKind } from './ports.ts';
import type { Problem } from './problems/problem.ts';
import type { UserAction } from './public-state.ts';
import type { ContainersAnew, Outcome, UpdateMode } from './run.ts';

export interface SessionOptions {
  /** uuid of this session: the label `sluice-runid`. */
  readonly runId: string;
  readonly file: string;
  readonly dir: string;
  /** Keeps watching (`up`), or ends when all is done (`up --once`, `ci`). */
  readonly watch: boolean;
  readonly updateMode: UpdateMode;
  /** Only these resources, what they need and what belongs to no workload; empty means all. */
  readonly only: readonly string[];
  readonly context: string | null;
  readonly namespace: string | null;
  /** Takes over objects that other tools made. */
  readonly adopt?: boolean;
  /** Containers of a Compose project whose service is in its files no more go. */
  readonly removeOrphans?: boolean;
  readonly asked?: Overrides;
  readonly containers?: ContainersAnew;
  /** Resource → ms that its first run took in earlier sessions. */
  readonly took?: Readonly<Record<string, number>>;
  /** Files that this session itself writes where it was told to: its recording, its report. Absolute; no part of any program. */
  readonly writes?: readonly string[];
}

export type ChangedPath = ConfirmedChange;

export type Fact =
  | { readonly type: 'session/started'; readonly options: SessionOptions }
  | { readonly type: 'session/stop-asked'; readonly reason: string; readonly exitCode: number }
  | { readonly type: 'session/dropped'; readonly reason: string }
  | { readonly type: 'config/loaded'; readonly config: Config; readonly wanted: number }
  | {
      readonly type: 'config/broken';
      readonly problems: readonly Problem[];
      readonly reads: FileSet;
      readonly wanted: number;
    }
  | { readonly type: 'files/watching'; readonly files: number; readonly ms: number }
  /** `first`: the path that began it. */
  | { readonly type: 'files/settling'; readonly first: string }
  /** `settling`: more events are on their way already. */
  | { readonly type: 'files/changed'; readonly changes: readonly ChangedPath[]; readonly settling?: boolean }
  | { readonly type: 'files/rescanned'; readonly because: string }
  | { readonly type: 'files/troubled'; readonly problem: Problem }
  | { readonly type: 'files/mended' }
  /** The project directory is not there; `files/watching` when it is back. */
  | { readonly type: 'files/away'; readonly dir: string }
  | { readonly type: 'git/held'; readonly because: string }
  | { readonly type: 'git/released' }
  | { readonly type: 'run/started'; readonly resource: string; readonly run: string }
  | {
      readonly type: 'run/strategy';
      readonly resource: string;
      readonly run: string;
      readonly strategy: string;
      readonly why: string | null;
    }
  | { readonly type: 'run/stepped'; readonly resource: string; readonly run: string; readonly step: string }
  | { readonly type: 'run/ended'; readonly resource: string; readonly run: string; readonly outcome: Outcome }
  | { readonly type: 'server/started'; readonly resource: string; readonly generation: number; readonly pid: number }
  | {
      readonly type: 'server/probed';
      readonly resource: string;
      readonly generation: number;
      readonly ready: boolean;
      /** It has not been ready yet and still may become so: `problem` is why it is not. */
      readonly starting?: boolean;
      readonly problem: Problem | null;
    }
  | {
      readonly type: 'server/exited';
      readonly resource: string;
      readonly generation: number;
      readonly code: number | null;
      readonly signal: string | null;
    }
  | {
      readonly type: 'server/failed';
      readonly resource: string;
      readonly generation: number;
      readonly problem: Problem;
    }
  | { readonly type: 'server/stopped'; readonly resource: string; readonly generation: number }
  | { readonly type: 'docker/connected'; readonly info: DockerInfo }
  | { readonly type: 'docker/failed'; readonly problem: Problem; readonly retryAt: number | null }
  | { readonly type: 'cluster/connected'; readonly info: KubeInfo }
  | { readonly type: 'cluster/failed'; readonly problem: Problem; readonly retryAt: number | null }
  | { readonly type: 'pods/listed'; readonly namespace: string; readonly uids: readonly string[] }
  | { readonly type: 'pod/seen'; readonly pod: Pod }
  | { readonly type: 'pod/gone'; readonly uid: string }
  | { readonly type: 'services/listed'; readonly namespace: string; readonly uids: readonly string[] }
  | { readonly type: 'service/seen'; readonly service: Service }
  | { readonly type: 'service/gone'; readonly uid: string }
  /** Whatever of this kind is not in `uids` is gone; `news` are those of them that are seen as they are for the first time. */
  | {
      readonly type: 'workloads/listed';
      readonly kind: WatchedKind;
      readonly namespace: string;
      readonly uids: readonly string[];
      readonly news?: readonly Workload[];
    }
  | { readonly type: 'workload/seen'; readonly workload: Workload }
  | { readonly type: 'endpoints/listed'; readonly namespace: string; readonly uids: readonly string[] }
  | { readonly type: 'endpoints/seen'; readonly endpoints: Endpoints }
  | { readonly type: 'event/seen'; readonly event: ClusterEvent }
  /** The readiness probe of a process that was started anew at `begunAt` passes. `pod`: uid. */
  | { readonly type: 'trial/answered'; readonly pod: string; readonly container: string; readonly begunAt: number }
  | {
      readonly type: 'forward/changed';
      readonly resource: string;
      readonly local: string;
      readonly to: string;
      readonly status: 'waiting' | 'listening' | 'failed';
      readonly problem: Problem | null;
    }
  | {
      readonly type: 'log/appended';
      readonly resource: string;
      readonly lines: number;
      readonly bytes: number;
      readonly last: string;
    }
  /**
   * The log of a container that has ended was read, or cannot be: whatever it said is in the log store. `container`: its id, or its
   * start (`startedRun`) where it keeps its id when it is started again.
   */
  | { readonly type: 'log/ended'; readonly pod: string; readonly container: string }
  /** What a run is at says how far it is. */
  | { readonly type: 'run/progressed'; readonly resource: string; readonly run: string; readonly text: string }
  | { readonly type: 'removal/ended'; readonly resource: string; readonly problem: Problem | null }
  /** `pods`: uids of those that were deleted. */
  | {
      readonly type: 'restart/ended';
      readonly resource: string;
      readonly pods: readonly string[];
      readonly problem: Problem | null;
    }
  | { readonly type: 'feed/failed'; readonly feed: string; readonly problem: Problem; readonly retryAt: number | null }
  | { readonly type: 'feed/healthy'; readonly feed: string }
  | { readonly type: 'user/asked'; readonly action: UserAction; readonly by: 'tui' | 'socket' | 'stdin' | 'signal' }
  | { readonly type: 'clock/reached'; readonly due: number }
  /** The machine's clock was set, or it slept: times are this much later from here on. */
  | { readonly type: 'clock/set'; readonly byMs: number }
  | { readonly type: 'engine/bug'; readonly where: string; readonly error: string };

/**
 * A fact, numbered and stamped in exactly one place. A recording is a list of these. `more`: others of the same turn follow, and
 * the planner decides once, after the last of them.
 */
export type Action = Fact & { readonly seq: number; readonly at: number; readonly more?: true };
