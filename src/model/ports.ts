// What the engine may ask of the outside, as records of functions. Adapters make the real ones, tests make in-memory
// ones, and both pass the suites in test/contract. One-shot calls return promises and reject with ProblemError, or with
// an AbortError once `stop` is aborted; streams are Observables: unsubscribing drops, at once and for good.
import type { Duplex, Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { KubeObject, ObjectRef } from './config.ts';
import type { LogStore } from './log.ts';
import type { ProbeQuestion } from './pods/pod.ts';
import type { BuildEvent, DockerBuild, Transfer } from './ports/build.ts';
import type { BuildkitPort } from './ports/builder.ts';
import type { ContainersPort } from './ports/containers.ts';
import type { ExecOptions, ExecStream } from './ports/exec.ts';
import type { DiskPort, FilesPort, KeptPort, PlaceEntry } from './ports/files.ts';
import type { RegistryPort } from './ports/registry.ts';
import type { FieldPath } from './problems/field-fault.ts';
import type { Problem, SourcePos } from './problems/problem.ts';

export type { BuildContext, BuildEvent, ContextEntry, DockerBuild, Transfer } from './ports/build.ts';
export type {
  ConfirmedChange,
  ContentStamp,
  DiskPort,
  FilesPort,
  Followed,
  HashedEntry,
  KeptPort,
  PlaceEntry,
  TreeEntry,
  WatchEvent,
  WatchPlan,
  WatchTarget,
} from './ports/files.ts';

// ---- processes -----------------------------------------------------------------------------------------------

export interface ProcSpec {
  /** A string is run by `sh -c`. */
  readonly cmd: string | readonly string[];
  readonly dir: string;
  /** On top of our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

export type ProcEvent =
  | { readonly is: 'started'; readonly pid: number }
  | { readonly is: 'output'; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }
  | { readonly is: 'exited'; readonly code: number | null; readonly signal: string | null };

export interface ProcPort {
  /**
   * Runs in a process group of its own. Abort: SIGTERM to the group, SIGKILL after `graceMs` (limits.killGraceMs), then the
   * `exited` event and completion once nothing of it is left, setsid grandchildren included. Unsubscribe: SIGKILL at once.
   */
  run(spec: ProcSpec, stop: AbortSignal, graceMs?: number): Observable<ProcEvent>;
  /** Who listens on this TCP port: "node (pid 4711)", null when nobody or not to be known. */
  listener(port: number, host?: string): Promise<string | null>;
}

/** A command inside a container, with its streams. `exit` rejects when the connection is lost before the status came. */
export type { ExecOptions, ExecStream, WindowSize } from './ports/exec.ts';

// ---- network -------------------------------------------------------------------------------------------------

export interface NetPort {
  /** Connections to a local port. Errors with a problem that names who holds the port when it is taken. Unsubscribing closes it and all its connections. */
  listen(
    host: string,
    port: number,
  ): Observable<
    { readonly is: 'listening'; readonly port: number } | { readonly is: 'connection'; readonly socket: Duplex }
  >;
  /** One GET: ok below 400. */
  http(url: string, stop: AbortSignal): Promise<{ readonly ok: boolean; readonly error: string }>;
  /** One connection attempt. */
  tcp(host: string, port: number, stop: AbortSignal): Promise<{ readonly ok: boolean; readonly error: string }>;
}

// ---- docker --------------------------------------------------------------------------------------------------

export interface DockerInfo {
  readonly context: string;
  readonly host: string;
  readonly version: string;
  readonly arch: string;
  readonly buildkit: boolean;
  readonly name: string;
  /** Where its images are: in containerd, as new installs have it, or in Docker's own store. */
  readonly store?: 'containerd' | 'graphdriver';
  /** Podman's service, which speaks the same API and tells versions of its own. */
  readonly isPodman?: boolean;
}

export type PushEvent =
  | { readonly is: 'progress'; readonly id: string; readonly text: string; readonly bytes?: Transfer }
  | { readonly is: 'pushed'; readonly digest: string };

export interface DockerImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
  readonly workdir: string;
}

export interface DockerContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  readonly status: string;
  readonly startedAt: number | null;
  readonly readOnlyRoot: boolean;
}

/** Some of what a container said. `at`: ms since the epoch, 0 where that is not known; a text may be part of a line. */
export interface EarlierOutput {
  readonly at: number;
  readonly text: string;
}

export interface DockerPort {
  /**
   * A sign of life, within limits.dockerConnectMs. Where none comes, whatever is open is given up at once (builds, pushes, logs,
   * commands, events).
   */
  info(stop?: AbortSignal): Promise<DockerInfo>;
  /** Ends with `built`; errors with ProblemError (failing step, Dockerfile line where known, log tail). Abort really stops the build, then errors with AbortError. */
  build(build: DockerBuild, stop: AbortSignal): Observable<BuildEvent>;
  push(ref: string, stop: AbortSignal): Observable<PushEvent>;
  /** Is this digest (or tag) in its registry? Asked through the daemon, save where a yes from here is as certain. */
  inRegistry(ref: string, stop: AbortSignal): Promise<boolean>;
  image(ref: string): Promise<DockerImage | null>;
  images(label: string): Promise<readonly DockerImage[]>;
  /** Is there something at this absolute path in the image? */
  hasPath(ref: string, path: string, stop: AbortSignal): Promise<boolean>;
  /** What stands at these absolute paths in the image, in their order. */
  placeEntries(ref: string, paths: readonly string[], stop: AbortSignal): Promise<readonly PlaceEntry[]>;
  tag(id: string, ref: string): Promise<void>;
  removeImage(ref: string): Promise<void>;
  containers(filter: { readonly label?: string; readonly all?: boolean }): Promise<readonly DockerContainer[]>;
  container(id: string): Promise<DockerContainer | null>;
  exec(container: string, cmd: readonly string[], options: ExecOptions, stop: AbortSignal): Promise<ExecStream>;
  /** Unpacks a tar at `path` inside the container. */
  putArchive(container: string, path: string, tar: Readable, stop: AbortSignal): Promise<void>;
  restart(container: string, stop: AbortSignal): Promise<void>;
  /** From `since` on (ms epoch); `goOn`: after what calls told so before have told of this container, from Docker 23 on. */
  logs(
    container: string,
    since: number | null,
    goOn?: boolean,
  ): Observable<{ readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }>;
  /** What a container that runs said before its present start; null where that is its first one, or it does not run. */
  earlierLogs(container: string, stop: AbortSignal): Promise<AsyncIterable<EarlierOutput> | null>;
  /** What happens to containers that carry `label` (NAME=VALUE), or to all. */
  events(label?: string): Observable<{ readonly action: string; readonly id: string }>;
  /** Emits nothing, never completes. Errors as soon as the daemon is known to have gone, or (a local one) to be silent. */
  lifeline(): Observable<never>;
  /** What Compose services are made of. */
  readonly engine: ContainersPort;
  close(): void;
}

// ---- kubernetes ----------------------------------------------------------------------------------------------

export interface KubeInfo {
  readonly context: string;
  readonly cluster: string;
  readonly server: string;
  /** Of the context, or `default`. */
  readonly namespace: string;
  /** kind, minikube, k3d, docker-desktop, … when it is a well-known local cluster, else null. */
  readonly local: string | null;
}

/** Who wrote some of the fields of an object. */
export interface FieldManager {
  readonly name: string;
  readonly operation: string;
  /** Empty, or `status`, `scale`, … */
  readonly subresource: string;
  /** When it wrote last, ms since the epoch; 0 where that is not known. */
  readonly at: number;
}

export type WatchedKind =
  | 'pods'
  | 'services'
  | 'events'
  | 'endpointslices'
  | 'deployments'
  | 'statefulsets'
  | 'daemonsets'
  | 'replicasets'
  | 'replicationcontrollers'
  | 'jobs';

export type KubeWatchEvent =
  /**
   * The whole list is known: whatever is not in `uids` is gone. `objects` are those of it that nothing was told of yet. After the
   * first list and after each relist.
   */
  | { readonly is: 'listed'; readonly uids: readonly string[]; readonly objects: readonly KubeObject[] }
  | { readonly is: 'seen'; readonly object: KubeObject }
  | { readonly is: 'gone'; readonly object: KubeObject }
  /** Connection state of the watch, for what is shown; it reconnects by itself. */
  | { readonly is: 'health'; readonly ok: boolean; readonly problem: Problem | null };

export interface WriteOptions {
  /** Asked and answered as always, and nothing is changed. */
  readonly dryRun?: boolean;
  /** Of an apply: of what is not there. Where it is there by then, that is a conflict, and nothing is changed. */
  readonly onlyNew?: boolean;
  /** Hears what the API server warns of: plain text of one line, once for each answer that bears it. */
  readonly warn?: (text: string) => void;
}

/** A registry as the cluster announces it, by the names that this machine and its nodes have for it. */
export interface Announced {
  readonly host: string;
  readonly hostFromCluster: string | null;
  /** As pods of the cluster call it. */
  readonly hostFromPods?: string | null;
}

export interface KubePort {
  /** As the kubeconfig says now: a cluster may come back at another port. */
  readonly info: KubeInfo;
  /**
   * A sign of life, within limits.kubeConnectMs. Where none comes, whatever is open is given up at once (watches, logs, commands,
   * forwards, calls) and made anew by whoever wants it.
   */
  version(stop?: AbortSignal): Promise<string>;
  get(ref: ObjectRef, stop: AbortSignal): Promise<KubeObject | null>;
  /**
   * The object (its namespace named, unless its kind has none) as it was at most limits.sightingMs ago, from a list that all who
   * ask for its kind at that time share. Null says nothing: few are asked for, it has not these labels, it was written since or
   * was told already, lists are denied. `get` is asked then.
   */
  sighted(ref: ObjectRef, labelSelector: string, stop: AbortSignal): Promise<KubeObject | null>;
  /** Server-side apply, field manager `sluice`, conflicts forced, strict field validation. */
  apply(object: KubeObject, stop: AbortSignal, options?: WriteOptions): Promise<KubeObject>;
  /**
   * The fields that the chosen managers own become those of `sluice`, as if it had applied them: the next apply takes out what
   * it no longer says. Returns the chosen; none where the object is not there.
   */
  takeFields(
    ref: ObjectRef,
    choose: (managers: readonly FieldManager[]) => readonly FieldManager[],
    stop: AbortSignal,
  ): Promise<readonly FieldManager[]>;
  create(object: KubeObject, stop: AbortSignal, options?: WriteOptions): Promise<KubeObject>;
  replace(object: KubeObject, stop: AbortSignal, options?: WriteOptions): Promise<KubeObject>;
  /** True when it was there. Foreground propagation for workloads; resolves when asked for, not when gone. */
  delete(ref: ObjectRef, stop: AbortSignal): Promise<boolean>;
  list(
    apiVersion: string,
    kind: string,
    namespace: string | null,
    labelSelector: string | null,
    stop: AbortSignal,
  ): Promise<readonly KubeObject[]>;
  /** Every kind that can be listed and deleted, once in the version that its group prefers. Groups that do not answer are left out. */
  kinds(stop: AbortSignal): Promise<readonly { apiVersion: string; kind: string; namespaced: boolean }[]>;
  /** Fields that the kind has at this place, by the schema that the cluster publishes; none where that does not say. */
  fieldNames(apiVersion: string, kind: string, path: FieldPath, stop: AbortSignal): Promise<readonly string[]>;
  /** Is this kind namespaced? From discovery, cached; rejects with a problem naming the missing CRD when unknown. */
  isNamespaced(apiVersion: string, kind: string, stop: AbortSignal): Promise<boolean>;
  /** list + watch with bookmarks, 410 → relist, reconnects with back-off for ever; denied → health with problem, retried slowly. */
  watch(kind: WatchedKind, namespace: string, labelSelector?: string): Observable<KubeWatchEvent>;
  /** Follows; completes when the container ended. `since` ms epoch: resumes without loss or repeat over reconnects. */
  logs(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    options: {
      readonly since: number | null;
      readonly previous?: boolean;
      readonly tailLines?: number;
      readonly follow: boolean;
    },
  ): Observable<{
    readonly at: number;
    readonly text: string;
    /** Characters that a bound has cut off the end of the line. */
    readonly missing?: number;
  }>;
  exec(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    cmd: readonly string[],
    options: ExecOptions,
    stop: AbortSignal,
  ): Promise<ExecStream>;
  /** Does this readiness probe pass now? Rejects where it may not be asked. */
  askProbe(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    question: ProbeQuestion,
    stop: AbortSignal,
  ): Promise<boolean>;
  /** One TCP connection to a port of a pod. */
  dial(pod: { readonly namespace: string; readonly name: string }, port: number, stop: AbortSignal): Promise<Duplex>;
  /** Registry the cluster announces (KEP-1755, MicroK8s, node annotations), null when none or not allowed to look. */
  registry(stop: AbortSignal): Promise<Announced | { readonly unread: Problem } | null>;
  /** Does this cluster run its containers by the Docker daemon at this endpoint (images need no push)? */
  sharesDaemon(docker: DockerInfo): boolean;
  close(): void;
}

// ---- time ----------------------------------------------------------------------------------------------------

export interface ClockPort {
  /** ms since the epoch; what is stamped later has never an earlier time, save across a `follow`. */
  now(): number;
  /** Takes over what the machine's clock says by now. Gives by how many ms it was set, or the machine slept; 0 for neither. */
  follow(): number;
}

// ---- all -----------------------------------------------------------------------------------------------------

export interface Ports {
  /** Variables of this session: what a secret or config of a Compose project is read from. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** ms since the epoch, as `clock` has it. */
  readonly now: () => number;
  /** Where there is none, `now` never steps. */
  readonly clock?: ClockPort;
  readonly files: FilesPort;
  readonly disk: DiskPort;
  /** Where there is none, nothing is kept. */
  readonly kept?: KeptPort;
  readonly proc: ProcPort;
  readonly net: NetPort;
  readonly logs: LogStore;
  /** Where a field stands in the manifest of the object at that place, null where it is not found. */
  readonly fieldAt?: (object: SourcePos, path: FieldPath) => Promise<SourcePos | null>;
  /** Connected on first use; rejects with an `unavailable` problem, and can be asked again. */
  readonly docker: () => Promise<DockerPort>;
  readonly buildkit: () => Promise<BuildkitPort>;
  readonly registry: () => Promise<RegistryPort>;
  readonly kube: () => Promise<KubePort>;
}
