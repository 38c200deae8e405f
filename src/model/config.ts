// The configuration after loading: every path absolute, every default filled in, every rule with its place in the file.
import type { BuildOptions } from './builds/build-options.ts';
import type { BuilderSpec } from './builds/builder.ts';
import type { ComposeConfig, ComposeNetwork, ComposeSecret, ComposeService, ComposeVolume } from './compose.ts';
import type { Copied } from './dockerfile.ts';
import type { Problem, SourcePos } from './problems/problem.ts';
import type { Project } from './project.ts';

/** Files that belong to something: below one of `roots` and ignored by none of `filters` (see fileset.ts). */
export interface FileSet {
  /** Absolute paths of directories or single files. */
  readonly roots: readonly string[];
  /** Each group has a word of its own. */
  readonly filters: readonly FileFilter[];
  /** Where it is made of others, whose roots are its own: a file must belong to one of them as well. */
  readonly parts?: readonly FileSet[];
}

export interface FileFilter {
  /** Absolute: it concerns only what lies below. */
  readonly base: string;
  /** What the patterns call the base, where a link of that name leads to it: `vendor/lib`. */
  readonly at?: string;
  /** In .dockerignore syntax (`!` included). */
  readonly patterns: readonly string[];
}

export type LiveRule = (
  | { readonly is: 'fallback'; readonly paths: readonly string[]; readonly at: SourcePos }
  | {
      readonly is: 'sync';
      readonly from: string;
      readonly to: string;
      readonly initial: boolean;
      /** Of what lies below `from` only these. */
      readonly files?: FileSet;
      readonly at: SourcePos;
    }
  | { readonly is: 'run'; readonly cmd: string; readonly when: readonly string[] | null; readonly at: SourcePos }
  /** `when`: only for changes to these paths, which need no sync rule then. */
  | {
      readonly is: 'restart';
      readonly what: 'process' | 'container';
      readonly when?: readonly string[];
      readonly at: SourcePos;
    }
) & {
  /** Declared by this image, which the one that has the rule is built FROM: for files of that one alone. */
  readonly of?: string;
};

export type ImageBuild =
  | {
      readonly is: 'dockerfile';
      readonly context: string;
      /** Absolute path; of the configuration where `inline` is the Dockerfile. */
      readonly dockerfile: string;
      /** Its text, where it stands in the configuration itself. */
      readonly inline?: string;
      /** A git or http URL that the builder fetches instead of a directory of ours: `dockerfile` is a path in it then. */
      readonly remote?: string;
      /** By the names that FROM and --from have for them. */
      readonly directories?: Readonly<Record<string, DirectoryContext>>;
      /** Absolute paths of the Dockerfile and the ignore files: what changes in them is built, never put in place. */
      readonly recipe: readonly string[];
      /** Those of the recipe that are watched although the context leaves them out. */
      readonly hidden: readonly string[];
      /** What brings files in; left out where it says nothing of owners and modes. */
      readonly copies?: readonly Copied[];
      readonly target: string | null;
      readonly args: Readonly<Record<string, string>>;
      readonly secrets: readonly string[];
      readonly ssh: readonly string[];
      readonly platform: string | null;
      /** Left out for Docker. */
      readonly builder?: BuilderSpec;
      readonly options?: BuildOptions;
    }
  /** `env`: variables of env files, on top of our own environment. */
  | {
      readonly is: 'command';
      readonly command: string;
      readonly dir: string;
      readonly env?: Readonly<Record<string, string>>;
    }
  /** Built by somebody else: only updated in place. */
  | { readonly is: 'elsewhere' };

/** A directory beside the context. */
export interface DirectoryContext {
  readonly dir: string;
  readonly files: FileSet;
  /** Those that are watched although the build does not see them. */
  readonly hidden: readonly string[];
}

/** Where else manifests name an image: a field of a kind, a variable or an argument of any container, an annotation. */
export type ImagePlace =
  | { readonly is: 'path'; readonly kind: string; readonly path: readonly string[] }
  | { readonly is: 'env'; readonly name: string }
  | { readonly is: 'arg'; readonly name: string }
  /** Of objects and of pods in them. */
  | { readonly is: 'annotation'; readonly name: string };

/** How containers of an image start in pods; null: as image and manifest say. */
export interface ContainerStart {
  readonly command: readonly string[] | null;
  readonly args: readonly string[] | null;
}

export interface ImageSpec {
  /** The reference as it stands in the manifests. */
  readonly ref: string;
  readonly at: SourcePos;
  readonly build: ImageBuild;
  /** Of a Dockerfile in the configuration: where its first line stands, if its lines are those of the file. */
  readonly dockerfileAt?: SourcePos;
  /** What is watched, and for a Dockerfile build what the build sees. */
  readonly files: FileSet;
  /** What is watched, where that is another set than what the build sees: `develop.watch` of a Compose service names it. */
  readonly watched?: FileSet;
  readonly live: readonly LiveRule[];
  /** Other images of this config that this one is built FROM, by ref: built first. */
  readonly bases: readonly string[];
  readonly places?: readonly ImagePlace[];
  /** More names that it has in Docker once it is built. */
  readonly tags?: readonly string[];
  readonly start?: ContainerStart;
  /** False: every save of it is built, also where exchanging files in the last image would make the same. */
  readonly exchange?: false;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export interface ManifestObject {
  readonly object: KubeObject;
  readonly at: SourcePos;
  /** What is installed and upgraded together, for hooks: a chart, another rendering, or all manifest files. */
  readonly release?: string;
}

/** Of a release: nothing of it is in the cluster yet, or something is. */
export type Moment = 'install' | 'upgrade';

/** A release that has hooks, as one of its parts sees it. */
export interface Release {
  readonly name: string;
  /** What it consists of, hooks aside. */
  readonly objects: readonly ObjectRef[];
  /** Null for what belongs to the release itself; else when this hook is due. */
  readonly hook: { readonly when: 'before' | 'after'; readonly moments: readonly Moment[] } | null;
}

/** Never deployed: its moment does not come under `up`. */
export interface LeftOut {
  readonly kind: string;
  readonly name: string;
  /** As its annotation says. */
  readonly hook: string;
}

/** Names one object of a cluster. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
}

export type Probe = { readonly everyMs: number; readonly timeoutMs: number; readonly failures: number } & (
  | { readonly is: 'http'; readonly url: string }
  | { readonly is: 'tcp'; readonly host: string; readonly port: number }
  | { readonly is: 'exec'; readonly cmd: string }
  | { readonly is: 'log'; readonly pattern: string }
);

/** `container: null` is filled from the pod: its declared port equal to the local one, else its first. */
export interface PortForward {
  readonly host: string;
  readonly local: number;
  readonly container: number | null;
}

export interface Need {
  readonly name: string;
  readonly update: 'order' | 'wait-fresh' | 'rerun' | 'restart';
  /** Of a release: a hook that runs before this, or a part of it that is applied (ready or not) before this hook. */
  readonly hook?: 'before' | 'after';
  /** Of a Compose service: it has been started, or, as everywhere else, it is ready (healthy, or ended well). */
  readonly until?: 'started';
  /** Of a Compose service: gone on without where it cannot come up. */
  readonly isOptional?: boolean;
}

export interface ResourceBase {
  readonly name: string;
  readonly at: SourcePos;
  readonly labels: readonly string[];
  readonly needs: readonly Need[];
  readonly trigger: 'auto' | 'manual';
  /** False: only when asked. */
  readonly start: boolean;
  readonly onChange: 'smart' | 'cancel' | 'finish';
  readonly debounce: { readonly quietMs: number; readonly maxMs: number };
  readonly links: readonly string[];
  /** Hash over all that decides what is built and run, file contents aside: equal means left alone on reload. */
  readonly digest: string;
}

export interface LocalSpec extends ResourceBase {
  readonly kind: 'local';
  readonly cmd: string | null;
  readonly serve: string | null;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: FileSet;
  readonly ready: Probe | null;
  readonly restart: 'no' | 'on-failure' | 'always';
}

export interface KubeSpec extends ResourceBase {
  readonly kind: 'kubernetes';
  readonly objects: readonly ManifestObject[];
  /** Refs of `Config.images` used by these objects, in the order they must be built (bases first, included). */
  readonly images: readonly string[];
  readonly workload: {
    readonly kind: string;
    readonly name: string;
    readonly namespace: string | null;
    readonly replicas: number;
  } | null;
  readonly ports: readonly PortForward[];
  readonly ready: 'pods' | 'job' | 'none';
  readonly selectors: readonly Readonly<Record<string, string>>[];
  readonly release?: Release;
}

/** A service of a Compose project: containers on the Docker daemon. */
export interface ComposeSpec extends ResourceBase {
  readonly kind: 'compose';
  /** Its name in the project, whose files and name `docker compose ls` shows. */
  readonly service: string;
  readonly compose: ComposePlace;
  /** As `docker compose config` prints it; what it uses of the project beside it, by the names that it has for them. */
  readonly config: ComposeService;
  readonly networks: Readonly<Record<string, ComposeNetwork>>;
  readonly volumes: Readonly<Record<string, ComposeVolume>>;
  readonly secrets: Readonly<Record<string, ComposeSecret>>;
  readonly configs: Readonly<Record<string, ComposeConfig>>;
  /** Refs of `Config.images` that it is built of, in the order they must be built. Its own bears the name `image`. */
  readonly images: readonly string[];
  /** What its containers are made from. */
  readonly image: string;
  readonly replicas: number;
  /** `job`: something waits for it to end well. */
  readonly ready: 'running' | 'job';
}

export type Orphans = 'told' | 'removed' | 'ignored';

export interface ComposePlace {
  readonly name: string;
  readonly dir: string;
  readonly files: readonly string[];
  /** Services that no active profile has: containers of theirs are no orphans. */
  readonly inactive: readonly string[];
  /** What COMPOSE_REMOVE_ORPHANS and COMPOSE_IGNORE_ORPHANS say of those. */
  readonly orphans?: Orphans;
}

export type ResourceSpec = LocalSpec | KubeSpec | ComposeSpec;

export interface Config {
  /** Absolute path of sluice.yaml, and its directory. */
  readonly file: string;
  readonly dir: string;
  /** Whose objects these are. */
  readonly project: Project;
  readonly images: Readonly<Record<string, ImageSpec>>;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
  /** Start order as written, `uncategorized` first. */
  readonly order: readonly string[];
  readonly kubernetes: {
    readonly context: string | null;
    readonly allow: readonly string[];
    readonly namespace: string | null;
    readonly registry: string | null;
    /** How images get to the nodes; left out: by what the cluster is. */
    readonly delivery?: 'push' | 'load' | 'shared';
  } | null;
  readonly settings: { readonly parallel: number; readonly ignore: readonly string[] };
  /** What was read to make this (config, env files, manifests, globs' directories, .dockerignore, Dockerfiles): a change reloads. */
  readonly reads: FileSet;
  readonly warnings: readonly Problem[];
  /** Objects of the manifests that are never deployed. */
  readonly leftOut?: readonly LeftOut[];
}
