// How news of changes reaches us. A backend only says where to look; what changed is found out by the index.
export interface WatchBackendEvents {
  /** Something happened to this path: a file, or an entry of a watched directory. May be said too often, never too rarely. */
  touched(path: string): void;
  /**
   * This directory is watched from now on: whatever it holds that is not known must be looked at now. Gives the
   * directories in it that are to be watched, for a backend that has not looked itself.
   */
  watched(dir: string): readonly string[];
  /** This directory cannot be watched (null: which one is unknown). */
  failed(dir: string | null, error: NodeJS.ErrnoException): void;
}

export interface WatchBackend {
  /** Resolves when everything below the roots is watched. */
  readonly ready: Promise<void>;
  /** A directory that a look came across, and no event: watched, with all below it, where it is not yet. True once it is. */
  follow(dir: string): boolean;
  close(): Promise<void>;
}

/** Watches existing directories and all below them that `descends` lets through, those made later included. */
export type StartBackend = (
  roots: readonly string[],
  descends: (dir: string) => boolean,
  events: WatchBackendEvents,
) => WatchBackend;
