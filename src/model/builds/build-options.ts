// What a build can be told beyond its Dockerfile, target and arguments.

export interface CacheEntry {
  /** registry, inline, local, gha, s3, azblob. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What BuildKit can be asked to grant a build. */
export const entitlements = ['network.host', 'security.insecure', 'device'] as const;

export const isEntitlement = (name: string): name is (typeof entitlements)[number] =>
  (entitlements as readonly string[]).includes(name);

export interface BuildOptions {
  readonly cacheFrom?: readonly CacheEntry[];
  readonly cacheTo?: readonly CacheEntry[];
  /** What a name in FROM or --from stands for, where the builder fetches it: docker-image://REF, or a git or http URL. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly network?: 'none' | 'host';
  readonly labels?: Readonly<Record<string, string>>;
  /** Host name → address. */
  readonly extraHosts?: Readonly<Record<string, string>>;
  readonly shmBytes?: number;
  readonly ulimits?: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  /** Base images are looked up in their registries, also where they are here. */
  readonly pull?: boolean;
  readonly noCache?: boolean;
  /** Stages whose steps are run by every build. */
  readonly noCacheFilter?: readonly string[];
  /** What is said of the image beside it, by kind, each in the words of its attributes: `mode=max`, or none. */
  readonly attests?: Readonly<Partial<Record<'provenance' | 'sbom', string>>>;
  readonly entitlements?: readonly string[];
}

/** Where anything is said of it, an image is an index of it and of that. */
export const hasAttests = (options: BuildOptions | undefined): boolean =>
  Object.keys(options?.attests ?? {}).length > 0;

/** `linux/amd64,linux/arm64`: what is built is an index of images. */
export const isOfSeveralPlatforms = (platform: string | null): boolean => platform?.includes(',') ?? false;
