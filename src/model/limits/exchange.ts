// Bounds of images that are made in their registry, without a builder. Part of limits.ts; sizes in bytes, times in ms.
export const exchangeLimits = {
  /** What a registry answers but for blobs: no manifest may be larger (OCI distribution), a configuration is some kB. */
  registryAnswerBytes: 4 * 1024 * 1024,
  /** A registry asked for an image it may have, before Docker is asked the same: where it is near, it answers within some ms. */
  registryNearMs: 2_000,
  /** One that gave no clear answer from here is left to Docker for this long. */
  registryUnclearMs: 60_000,
  /** A connection that calls share is closed when it was not used for this long: longer than any such call. */
  registryIdleMs: 30_000,
  /** Servers that a registry sends us on to for one blob: its store, and that one's mirror. */
  registryRedirects: 3,
  /** A layer that is fetched to have files of it exchanged, as it is kept in the registry: beyond, a builder's own cache is nearer. */
  exchangeLayerBytes: 32 * 1024 * 1024,
  /** The same unpacked: it is packed and hashed anew with each save, which takes some 10 ms a MB. */
  exchangeTarBytes: 64 * 1024 * 1024,
  /** Unpacked layers that are kept for the next save, over all images of a session; the one that was used longest ago goes first. */
  exchangeKeptBytes: 128 * 1024 * 1024,
  /** What images are made of, kept for the next save: some kB each, one of each image; more of them are read from the registry again. */
  exchangeDocuments: 200,
  /** Files that a save exchanges, adds and takes away: beyond, a build is as quick and says how far it is. */
  exchangeFiles: 1_000,
  /** Files of a context that are remembered per image, to be compared at the next save: some 300 bytes each. */
  exchangeEntries: 20_000,
  /** All that is asked of the registry for one image: what takes longer is left to the builder, which says how far it is. */
  exchangeMs: 10_000,
} as const;
