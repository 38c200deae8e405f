// One run: bringing a set of changes into what runs. Planned by the engine, carried out by a strategy in src/update.
import type { ComposeSpec, Config, ImageSpec, KubeSpec, LocalSpec, ObjectRef } from './config.ts';
import type { PodsWanted } from './manifests/images/inject.ts';
import type { ContainerOrigin } from './pods/pod.ts';
import type { PathChange } from './ports/files.ts';
import type { Problem } from './problems/problem.ts';
import type { Project } from './project.ts';

export type UpdateMode = 'auto' | 'image' | 'naive' | 'synclet' | 'exec' | 'container';

/** Unique in a session: `web#3`. */
export type RunId = string;

export interface FileChange extends PathChange {
  /** Change id: number of the batch that brought it. */
  readonly change: number;
}

export type Cause = 'first' | 'files' | 'trigger' | 'config' | 'needs' | 'crash' | 'restart';

/** An image as last built, kept across sessions in .sluice/images.json. */
export interface BuiltImage {
  readonly ref: string;
  /** Docker's image id, or the digest in the registry of one built elsewhere: `sha256:…`. */
  readonly id: string;
  /** What goes into the manifests: `localhost:5000/shop_web:sluice-<16 hex>`, or `…@sha256:…`. */
  readonly tagged: string;
  /** The same as the cluster's nodes call it; differs where the registry has another name from inside. */
  readonly inCluster: string;
  /** Digest in the registry, null where nothing was pushed. */
  readonly pushed: string | null;
  /** Hash of everything that went in; equal means nothing to build. */
  readonly inputDigest: string;
  /** Every change up to this id is inside. */
  readonly change: number;
  /** Is /bin/sh in it? Looked up once, where it matters. */
  readonly hasShell?: boolean;
  /** How its containers start, where no Docker has it to be asked. */
  readonly start?: { readonly entrypoint: readonly string[]; readonly cmd: readonly string[] };
  /** Layers put on top by builds from the existing image. */
  readonly layers: number;
}

export interface ImageWork {
  readonly spec: ImageSpec;
  readonly last: BuiltImage | null;
  /** Changed since `last` was made, newest change of each path only. */
  readonly files: readonly FileChange[];
}

/** A container that runs one of our images now. */
export interface ContainerTarget {
  readonly id: string;
  readonly name: string;
  readonly pod: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly node: string | null;
  /** Key of `Config.images`. */
  readonly image: string;
  readonly running: boolean;
  readonly status: string;
  readonly readOnlyRoot: boolean;
  /** Every change of its image up to this id is in the container. */
  readonly ledger: number;
  /** Nothing was brought into it so far: it holds what its image holds, and its first files are due. */
  readonly isNew: boolean;
  /** It began after this change: of an image built elsewhere, what cannot be put into a container is settled by that. */
  readonly freshAt: number;
  /** What was put into the one before it ended it: only a change is brought in again. */
  readonly fell: boolean;
  readonly restarts: number;
}

interface WorkBase {
  readonly run: RunId;
  readonly resource: string;
  readonly cause: Cause;
  /** For people: "web/server.js changed", "full build: web/package-lock.json matches fallback at sluice.yaml:9". */
  readonly why: readonly string[];
  /** Every change up to this id is contained in this run. */
  readonly change: number;
  /** ms epoch: since when what it brings is wanted, or what it was asked for follows from. */
  readonly since?: number;
  /** What it needs was updated, for whose sake it would be restarted: what this starts anew it starts for that as well. */
  readonly restarts?: true;
  /** Absolute paths of the files of this run, for what is shown. */
  readonly files: readonly FileChange[];
  readonly force: boolean;
}

export interface LocalWork extends WorkBase {
  readonly kind: 'local';
  readonly spec: LocalSpec;
}

export type Half = 'build' | 'deploy';

interface WithContainers extends WorkBase {
  readonly project: Project;
  /** In build order, bases first. */
  readonly images: readonly ImageWork[];
  readonly containers: readonly ContainerTarget[];
  readonly deployed: Deployed | null;
  /** Images built at once, over all runs; where nothing is said, limits.parallel. */
  readonly parallel?: number;
  readonly updateMode: UpdateMode;
  readonly runId: string;
  /**
   * A run may be halved where what its resource needs is not there yet: `build` makes the images meanwhile, `deploy` is the other
   * half, of the images that were made then. Without it both are done.
   */
  readonly half?: Half;
  /** Why in place is out of the question, decided by the planner (crash loop, containers that disagree), or null. */
  readonly fullBuild: string | null;
}

export interface KubeWork extends WithContainers {
  readonly kind: 'kubernetes';
  readonly spec: KubeSpec;
  readonly kubernetes: NonNullable<Config['kubernetes']>;
  /** Name of the configuration file. */
  readonly config: string;
  /** Takes over what other tools made. */
  readonly adopt: boolean;
  /** What an earlier session is known to have deployed; versions before projects put no other mark on it. */
  readonly remembered?: readonly ObjectRef[];
}

/** What of Compose services is made anew at the start of a session, though it is as it should be. */
export interface ContainersAnew {
  /** Every container. */
  readonly recreate: boolean;
  /** Anonymous volumes of what is made anew, which would go on with it else. */
  readonly renewVolumes: boolean;
}

export interface ComposeWork extends WithContainers {
  readonly kind: 'compose';
  readonly spec: ComposeSpec;
  /** At the start of a session. */
  readonly anew?: ContainersAnew | undefined;
  /** Of the daemon, where it is not this one. */
  readonly machine?: string;
}

/** What is made of images and runs in containers. */
export type ContainersWork = KubeWork | ComposeWork;

export type Work = LocalWork | ContainersWork;

/** What the last successful deploy of a resource put into the cluster. */
export interface Deployed {
  readonly objects: readonly ObjectRef[];
  /** Of its workloads. Empty where none is known: then all pods of the resource count. */
  readonly templates: readonly PodsWanted[];
  readonly namespace: string;
  /** A Job that had already finished with this very spec. */
  readonly alreadyDone: boolean;
  /** Image ref (as in config) → tagged reference injected. */
  readonly images: Readonly<Record<string, string>>;
  /** Jobs that the cluster takes away once they ended (ttlSecondsAfterFinished), by `refKey`. */
  readonly jobs?: Readonly<Record<string, JobNote>>;
  /** Of a Compose service: ids of the containers that it left running. */
  readonly containers?: readonly string[];
  /** Of a Compose service: what its containers are made of, by which others' are told from them. */
  readonly madeOf?: ContainerOrigin;
}

/** Remembered across sessions, so that a Job that was done and taken away is not run again. */
export interface JobNote {
  /** Of its manifest. */
  readonly digest: string;
  /** uid of its namespace, null where it may not be looked at. */
  readonly home: string | null;
  readonly isDone: boolean;
}

/** What became of containers that were updated in place, by id. */
export interface InPlace {
  /** Every change up to this is inside. */
  readonly ledgers: Readonly<Record<string, number>>;
  /** Their process was started anew, or they ended while it was. */
  readonly restarted?: readonly string[];
}

export interface RunResult extends InPlace {
  readonly strategy: string;
  readonly images: readonly BuiltImage[];
  readonly deployed: Deployed | null;
  /** uids of pods that were deleted to be made anew. */
  readonly replaced?: readonly string[];
  /** Containers that were there and were started again, and when they had been before; ms epoch, null for never. */
  readonly startedAgain?: readonly { readonly uid: string; readonly startedAt: number | null }[];
  /** Nothing had to be done: the running thing was already this. */
  readonly unchanged: boolean;
}

export type Outcome =
  | { readonly is: 'ok'; readonly result: RunResult }
  | ({
      readonly is: 'failed';
      readonly problem: Problem;
      /** What else is wrong and was found out in the same run: other objects, other fields. */
      readonly others?: readonly Problem[];
      readonly phase: 'build' | 'deploy' | 'update';
      /** What was finished before the failure and need not be done again. */
      readonly images: readonly BuiltImage[];
      /** The containers disagree now: only a full build mends it. */
      readonly inconsistent: boolean;
    } & InPlace)
  | { readonly is: 'cancelled'; readonly by: string; readonly images: readonly BuiltImage[] }
  | { readonly is: 'declined'; readonly because: string };

/** What a strategy emits while it runs; the last one is always `ended`, then it completes with nothing left alive. */
export type RunEvent =
  | { readonly is: 'step'; readonly step: string; readonly detail?: string }
  | { readonly is: 'strategy'; readonly strategy: string; readonly why?: string }
  | { readonly is: 'ended'; readonly outcome: Outcome };
