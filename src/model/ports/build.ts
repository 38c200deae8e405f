// One image build: what every builder is told, and what it says.
import type { BuildOptions } from '../builds/build-options.ts';
import type { Problem } from '../problems/problem.ts';
import type { DiskPort, HashedEntry, TreeEntry } from './files.ts';

/** What COPY and ADD see: these entries and nothing else, all of one time and owned by root. */
export interface BuildContext {
  /** Absolute path of the directory that they lie in. */
  readonly root: string;
  readonly entries: readonly ContextEntry[];
  /** ms since the epoch. */
  readonly mtime: number;
  /** Where the entries lie. */
  readonly disk: Pick<DiskPort, 'read' | 'readText' | 'tar'>;
  /** The Dockerfile names each of the entries, so that no COPY sees what lies beside them. */
  readonly isNamedByDockerfile?: true;
}

/** `hash` as HashedEntry has it, where it is known. */
export type ContextEntry = TreeEntry & Partial<Pick<HashedEntry, 'hash'>>;

export interface DockerBuild {
  readonly context: BuildContext;
  /** What else COPY --from and FROM see, by the names that they have for it. */
  readonly directories?: Readonly<Record<string, BuildContext>>;
  /** What the builder fetches instead of `context`, and the Dockerfile with it unless it is ours. */
  readonly remote?: { readonly url: string; readonly isOurs: boolean };
  /** The Dockerfile's path seen from the context, which need not hold it: problems name it so. */
  readonly dockerfile: string;
  /** What stands in it; its base images are looked up, and its lines named where a step fails. */
  readonly dockerfileText: string;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
  readonly platform: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Full references to tag the result with. */
  readonly tags: readonly string[];
  /** A reference to name the result by and push it to at once, by a daemon that can do both in one: `built` says whether it has. */
  readonly pushAs?: string;
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  /** Without the cache. */
  readonly noCache?: boolean;
  /** What more it is told; its labels and contexts go beside those above and below. */
  readonly options?: BuildOptions;
}

export type BuildEvent =
  /** A step began or changed: "[2/4] RUN npm ci", with `cached` where it was. */
  | {
      readonly is: 'step';
      readonly id: string;
      readonly name: string;
      /** `cancelled`: it was killed, by us or because another failed. */
      readonly state: 'started' | 'done' | 'cached' | 'failed' | 'cancelled';
      readonly ms?: number;
    }
  | { readonly is: 'output'; readonly text: string }
  | { readonly is: 'progress'; readonly id: string; readonly text: string; readonly bytes?: Transfer }
  /**
   * `pushed`: the digest under which it is in the registry by now, where `pushAs` was asked for and worked; `silent`: its registry
   * answers nobody.
   */
  | { readonly is: 'built'; readonly id: string; readonly pushed?: string; readonly silent?: Problem };

/** How far a layer is on its way; `total` is 0 while nobody has said it. */
export interface Transfer {
  readonly current: number;
  readonly total: number;
  readonly isDone: boolean;
}
