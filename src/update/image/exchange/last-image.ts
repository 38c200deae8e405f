// The last image as its registry has it, and the layers of it that are to change.
import { limits } from '../../../model/limits.ts';
import type { Repository } from '../../../model/ports/registry.ts';
import { type Declined, declined } from '../../live/transport.ts';
import { configOf, documentOf, type ImageDocument, onlyImageOf } from './document.ts';
import type { KeptLayers } from './kept-layers.ts';
import { type Layer, layerIn } from './layer-tar.ts';
import { isKnown, unpacked } from './packing.ts';

const lost = declined('its registry does not have the last image any more');

/** `digest`: of its manifest, or of an index that has no other image. */
export async function lastImage(digest: string, at: Repository, stop: AbortSignal): Promise<ImageDocument | Declined> {
  const outer = await at.manifest(digest, stop);
  if (outer === null) return lost;
  const only = onlyImageOf(outer);
  if (only !== null && 'is' in only) return only;
  const manifest = only === null ? outer : await at.manifest(only.digest, stop);
  const config = manifest && configOf(manifest);
  const content = config && (await at.blob(config, limits.registryAnswerBytes, stop));
  return manifest && content ? documentOf(manifest, content) : lost;
}

/** By their places from the end. Declined for what is packed in another way, too large, or not to be read. */
export async function layersOf(
  { layers }: ImageDocument,
  backs: readonly number[],
  kept: KeptLayers,
  at: Repository,
  stop: AbortSignal,
): Promise<{ readonly is: 'layers'; readonly layers: ReadonlyMap<number, Layer> } | Declined> {
  const found = new Map<number, Layer>();
  for (const back of backs) {
    const { digest, size, packing } = layers[layers.length - 1 - back]!;
    if (packing === null || !isKnown(packing)) return declined('its layers are packed in a way that is not known here');
    if (size > limits.exchangeLayerBytes) return declined(`its layer has ${(size / 1e6).toFixed(0)} MB`);
    const known = kept.get(digest);
    const blob = known ?? (await at.blob(digest, size, stop));
    if (blob === null) return lost;
    const tar = Buffer.isBuffer(blob) ? await unpacked(blob, packing) : null;
    const layer = Buffer.isBuffer(blob) ? tar && layerIn(tar) : blob;
    if (layer === null) return declined('its layer is not to be read, or too large');
    if (known === null) kept.put(digest, layer);
    found.set(back, layer);
  }
  return { is: 'layers', layers: found };
}
