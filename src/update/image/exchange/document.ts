// What an image is made of, as its registry keeps it: manifest and configuration, with nothing taken on trust, and those of the same
// image with other layers. Pure.
import { limits } from '../../../model/limits.ts';
import { type Json, list, record } from '../../../model/manifests/workload.ts';
import type { Manifest, Repository } from '../../../model/ports/registry.ts';
import { isDeeper, jsonText, parseJson } from '../../../model/text/json.ts';
import { type Declined, declined } from '../../live/transport.ts';
import type { HistoryEntry } from './layers.ts';

export type Packing = 'gzip' | 'zstd' | 'none';

export interface LayerPlace {
  readonly digest: string;
  readonly size: number;
  /** Null for one that is not exchanged: of another packing, or with notes on what is in it. */
  readonly packing: Packing | null;
}

export interface ImageDocument {
  readonly is: 'image';
  readonly manifest: Json;
  readonly config: Json;
  readonly mediaType: string;
  readonly layers: readonly LayerPlace[];
  readonly history: readonly HistoryEntry[];
}

const isDigest = (value: unknown): value is string => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);

/** Digest of the manifest of an index that has one image, beside what attests it; null where it is an image itself. */
export function onlyImageOf({ content }: Manifest): { readonly digest: string } | null | Declined {
  const { manifests } = record(parsed(content));
  if (manifests === undefined) return null;
  const images = list(manifests).filter((each) => record(each.annotations)['vnd.docker.reference.type'] === undefined);
  const [image] = images;
  if (images.length !== 1 || !isDigest(image?.digest)) return declined('the last image is one of several platforms');
  return { digest: image.digest };
}

/** Of a manifest of one image: where its configuration is. */
export const configOf = ({ content }: Manifest): string | null => {
  const { digest } = record(record(parsed(content)).config);
  return isDigest(digest) ? digest : null;
};

export function documentOf(manifest: Manifest, config: Buffer): ImageDocument | Declined {
  const [outer, inner] = [record(parsed(manifest.content)), record(parsed(config))];
  const layers = list(outer.layers);
  const diffs = record(inner.rootfs).diff_ids;
  const isWhole = layers.every(({ digest, size }) => isDigest(digest) && Number.isSafeInteger(size));
  if (!isWhole || !Array.isArray(diffs) || !diffs.every(isDigest) || diffs.length !== layers.length)
    return declined('the last image is not what a builder makes');
  return {
    is: 'image',
    manifest: outer,
    config: inner,
    mediaType: manifest.mediaType,
    layers: layers.map((each) => ({ digest: String(each.digest), size: Number(each.size), packing: packingOf(each) })),
    history: list(inner.history) as readonly HistoryEntry[],
  };
}

function packingOf({ mediaType, annotations }: Json): Packing | null {
  if (annotations !== undefined || typeof mediaType !== 'string') return null;
  if (/\.(tar\.gzip|tar\+gzip)$/.test(mediaType)) return 'gzip';
  if (/\.(tar\.zstd|tar\+zstd)$/.test(mediaType)) return 'zstd';
  return /\.tar$/.test(mediaType) ? 'none' : null;
}

/** How containers of it start, and where. */
export function startOf({ config }: ImageDocument) {
  const { Entrypoint, Cmd, WorkingDir, Env } = record(config.config);
  const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    entrypoint: texts(Entrypoint),
    cmd: texts(Cmd),
    workdir: typeof WorkingDir === 'string' && WorkingDir !== '' ? WorkingDir : '/',
    variables: new Set(texts(Env).map((each) => each.slice(0, each.indexOf('=')))),
  };
}

/** One layer anew: as it is sent, its digest, and the digest of its tar. */
export interface NewLayer {
  readonly content: Buffer;
  readonly digest: string;
  readonly diffId: string;
}

/** `layers`: by their numbers. `created`: ms since the epoch. What a builder notes of its own cache goes: it is of other layers. */
export function withLayers(
  { manifest, config, mediaType }: ImageDocument,
  layers: ReadonlyMap<number, NewLayer>,
  created: number,
  digestOf: Repository['digestOf'],
): { readonly config: Buffer; readonly manifest: Pick<Manifest, 'mediaType' | 'content'> } {
  const own = Object.entries(config).filter(([key]) => !key.startsWith('moby.'));
  const diffs = record(config.rootfs).diff_ids as readonly string[];
  const rootfs = { ...record(config.rootfs), diff_ids: diffs.map((each, i) => layers.get(i)?.diffId ?? each) };
  const made = Buffer.from(jsonText({ ...Object.fromEntries(own), created: new Date(created).toISOString(), rootfs }));
  const { subject: _, ...rest } = manifest;
  const content = {
    ...rest,
    config: { ...record(manifest.config), digest: digestOf(made), size: made.length },
    layers: list(manifest.layers).map((each, i) => {
      const layer = layers.get(i);
      return layer ? { ...each, digest: layer.digest, size: layer.content.length } : each;
    }),
  };
  return { config: made, manifest: { mediaType, content: Buffer.from(jsonText(content)) } };
}

function parsed(content: Buffer): unknown {
  try {
    const text = content.toString('utf8');
    return isDeeper(text, limits.yamlDepth) ? {} : parseJson(text);
  } catch {
    return {};
  }
}
