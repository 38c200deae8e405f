// Who builds an image: the Docker daemon, a BuildKit wherever it runs, or one that sluice keeps in the cluster.

/** Beside those of src/model/limits.ts; times in ms. */
export const builderLimits = {
  /** BuildKits in one cluster: each is one more place that a base image is pulled to. */
  replicas: 20,
  /** The builder in the cluster may have to pull its image first. */
  readyMs: 180_000,
  /** Between looks at whether it has started. */
  lookMs: 250,
} as const;

export interface TlsFiles {
  /** Absolute paths of PEM files; what is null is not given. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Name in the certificate, where it is not that of the address. */
  readonly servername: string | null;
}

export interface ClusterBuilder {
  readonly is: 'cluster';
  /** Null: BuildKit's own image of that kind. */
  readonly image: string | null;
  readonly replicas: number;
  /** Null: that of the session. */
  readonly namespace: string | null;
  /** An emptyDir, or a claim of its own for each replica, of this size; null: an emptyDir without a bound. */
  readonly cache: { readonly size: string | null; readonly claim: boolean; readonly storageClass: string | null };
  readonly hostNetwork: boolean;
  readonly rootless: boolean;
  /** As of a container in a manifest. */
  readonly resources: Readonly<Record<string, unknown>> | null;
}

export type BuilderSpec =
  | { readonly is: 'docker' }
  /** `address`: unix://PATH, tcp://HOST:PORT, docker-container://NAME, kube-pod://POD. `called`: as it is shown. */
  | { readonly is: 'buildkit'; readonly address: string; readonly tls: TlsFiles | null; readonly called: string }
  | ClusterBuilder;

/** A BuildKit inside a container of Docker's is reached through Docker. */
export const needsDockerFor = (builder: BuilderSpec | undefined): boolean =>
  builder === undefined ||
  builder.is === 'docker' ||
  (builder.is === 'buildkit' && builder.address.startsWith('docker-container://'));

/** What is shown of it, and what tells one from another. */
export const builderName = (builder: BuilderSpec | undefined): string =>
  builder === undefined || builder.is === 'docker' ? 'docker' : builder.is === 'cluster' ? 'cluster' : builder.called;

/**
 * Rendezvous hashing: the one of `names` that ranks highest for this key. One key has always the same as long as it is there,
 * and those of a lost one alone move. Null: there is none.
 */
export function placedOn(key: string, names: readonly string[], digestOf: (text: string) => string): string | null {
  const ranked = names.map((name) => ({ name, rank: digestOf(`${name}\0${key}`) }));
  return ranked.sort((a, b) => (a.rank < b.rank ? 1 : -1))[0]?.name ?? null;
}
