// Registries, asked from this machine without any Docker: is an image there, what is it made of, and take this one.

/** As the registry keeps it, byte for byte: its digest is that of these bytes. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

/**
 * One repository. Each call rejects with a ProblemError (S220 no right, S221 refused, S222 out of reach), or with an AbortError
 * once `stop` is aborted. Digests are `sha256:…`; whatever comes is compared with the digest that it was asked by.
 */
export interface Repository {
  /** The name that any registry has for this content. */
  digestOf(content: Buffer): string;
  /** By tag or digest; null: it is not there. */
  manifest(reference: string, stop: AbortSignal): Promise<Manifest | null>;
  /** A layer or a configuration of at most `most` bytes; null: it is not there. Larger ones reject. */
  blob(digest: string, most: number, stop: AbortSignal): Promise<Buffer | null>;
  hasBlob(digest: string, stop: AbortSignal): Promise<boolean>;
  /** Sent where it is not there yet. Its digest. */
  putBlob(content: Buffer, stop: AbortSignal): Promise<string>;
  /** Its digest. Rejects with S221 where something that it names is not there, if the registry looks. */
  putManifest(reference: string, document: Pick<Manifest, 'mediaType' | 'content'>, stop: AbortSignal): Promise<string>;
  /** Connections go; nothing is to be asked afterwards. */
  close(): void;
}

export interface RegistryPort {
  /** Is this reference there? Null where that cannot be known from here. Asked at most limits.registryAliveMs. */
  has(ref: string, stop: AbortSignal): Promise<boolean | null>;
  /** `name`: with its registry, without a tag: `localhost:5000/shop_web`. Nothing is asked before the first call. */
  open(name: string): Repository;
}
