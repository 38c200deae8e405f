// A build cache in a directory of this machine, laid out as an OCI image: `type=local` of `docker buildx build`.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheEntry } from '../../model/builds/build-options.ts';
import type { DockerBuild } from '../../model/ports.ts';

const usualTag = 'latest';
const refName = 'org.opencontainers.image.ref.name';

interface Descriptor {
  readonly digest?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** Directories that the builder may read and write in this build. */
export const cacheDirectories = ({ options = {} }: DockerBuild): readonly string[] =>
  [...(options.cacheFrom ?? []), ...(options.cacheTo ?? [])].flatMap(({ type, attributes }) =>
    type === 'local' ? (attributes.src ?? attributes.dest ?? []) : [],
  );

/** What comes from a directory is named by its digest; where nothing lies yet, it is left out. */
export async function withLocalCaches(build: DockerBuild): Promise<DockerBuild> {
  const { options = {} } = build;
  if (!options.cacheFrom?.some(({ type }) => type === 'local')) return build;
  const found = await Promise.all(options.cacheFrom.map(named));
  return { ...build, options: { ...options, cacheFrom: found.flatMap((entry) => entry ?? []) } };
}

async function named(entry: CacheEntry): Promise<CacheEntry | null> {
  const { type, attributes } = entry;
  if (type !== 'local' || attributes.digest) return entry;
  const tag = attributes.tag ?? usualTag;
  const manifest = (await manifestsIn(attributes.src ?? '')).find((each) => each.annotations?.[refName] === tag);
  return typeof manifest?.digest === 'string' ? { type, attributes: { ...attributes, digest: manifest.digest } } : null;
}

/** `manifest`: the descriptor of what was written, as the builder tells it. */
export async function noteCaches({ options = {} }: DockerBuild, manifest: string | undefined): Promise<void> {
  if (manifest === undefined) return;
  for (const { type, attributes } of options.cacheTo ?? []) {
    const { dest, tag = usualTag } = attributes;
    if (type !== 'local' || dest === undefined) continue;
    const kept = (await manifestsIn(dest)).filter((each) => each.annotations?.[refName] !== tag);
    const own = { ...(JSON.parse(manifest) as object), annotations: { [refName]: tag } };
    await written(join(dest, 'index.json'), { schemaVersion: 2, manifests: [...kept, own] });
    await written(join(dest, 'oci-layout'), { imageLayoutVersion: '1.0.0' });
  }
}

async function manifestsIn(dir: string): Promise<readonly Descriptor[]> {
  try {
    const index = JSON.parse(await readFile(join(dir, 'index.json'), 'utf8')) as { manifests?: unknown } | null;
    return Array.isArray(index?.manifests) ? index.manifests : [];
  } catch {
    // None has been written yet, or it is none that could be read: the build goes without.
    return [];
  }
}

async function written(path: string, value: object): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(value));
  await rename(`${path}.new`, path);
}
