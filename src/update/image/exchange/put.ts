// The changed layers of an image made, and sent to its registry with the image that they are of.
import { limits } from '../../../model/limits.ts';
import type { Repository } from '../../../model/ports/registry.ts';
import type { DiskPort } from '../../../model/ports.ts';
import type { BuiltImage, ImageWork } from '../../../model/run.ts';
import { type Declined, declined } from '../../live/transport.ts';
import type { BuildInput } from '../known/input-digest.ts';
import type { NewImage } from '../maker.ts';
import { isOfDir } from './difference.ts';
import { documentOf, type ImageDocument, type NewLayer, startOf, withLayers } from './document.ts';
import type { KeptLayers } from './kept-layers.ts';
import { edited, type Layer, layerIn } from './layer-tar.ts';
import { packed } from './packing.ts';
import type { LayerEdits, Plan } from './plan.ts';

/** `before`, `now`: what the last image and this one are made of. */
export interface Exchange {
  readonly image: ImageWork;
  readonly last: BuiltImage;
  readonly before: BuildInput;
  readonly now: BuildInput;
  /** Name of the image in its registry, without a tag, and that repository. */
  readonly name: string;
  readonly at: Repository;
  readonly kept: KeptLayers;
  readonly disk: Pick<DiskPort, 'read'>;
  /** ms since the epoch. */
  readonly created: number;
  readonly stop: AbortSignal;
}

export interface Exchanged {
  readonly is: 'exchanged';
  readonly image: NewImage;
  /** Of files. */
  readonly count: number;
  readonly tag: string;
}

/** `layers`: the old ones, by their places from the end. Rejects with what the registry says. */
export async function put(
  exchange: Exchange,
  document: ImageDocument,
  plan: Plan,
  layers: ReadonlyMap<number, Layer>,
): Promise<Exchanged | Declined> {
  const { at, kept, last, name, now, stop } = exchange;
  const made = new Map<number, NewLayer & { readonly tar: Buffer }>();
  for (const each of plan.layers.filter(({ edits }) => edits.length > 0)) {
    const contents = await contentsOf(each, exchange);
    if (contents instanceof Map === false) return contents;
    const tar = edited(layers.get(each.back)!, each.edits, each.copy, contents);
    if (!Buffer.isBuffer(tar)) return tar;
    const number = document.layers.length - 1 - each.back;
    const content = await packed(tar, document.layers[number]!.packing!);
    made.set(number, { content, digest: at.digestOf(content), diffId: at.digestOf(tar), tar });
  }
  const { config, manifest } = withLayers(document, made, exchange.created, at.digestOf);
  const others = document.layers.filter((_, i) => !made.has(i));
  const [there] = await Promise.all([
    Promise.all(others.map(({ digest }) => at.hasBlob(digest, stop))),
    ...[...made.values()].map(({ content }) => at.putBlob(content, stop)),
    at.putBlob(config, stop),
  ]);
  if (there.includes(false)) return declined('its registry has lost a layer of the last image');
  // A registry that forgets what has no name keeps what was made last from each input.
  const tag = `sluice-${now.digest.slice(0, 16)}`;
  const digest = await at.putManifest(tag, manifest, stop);
  const next = documentOf({ digest, ...manifest }, config);
  if (next.is === 'image') kept.putDocument(name, digest, next);
  for (const [number, one] of made) exchangeKept(kept, document.layers[number]!.digest, one);
  const { entrypoint, cmd } = startOf(document);
  const edits = plan.layers.flatMap((layer) => layer.edits).filter((edit) => !isOfDir(edit));
  const count = new Set(edits.map(({ path }) => path)).size;
  const shellKnown = last.hasShell === undefined ? {} : { hasShell: last.hasShell, start: { entrypoint, cmd } };
  return {
    is: 'exchanged',
    image: { id: digest, tagged: `${name}@${digest}`, pushed: digest, ...shellKnown },
    count,
    tag: `${name}:${tag}`,
  };
}

function exchangeKept(kept: KeptLayers, before: string, { digest, tar }: { digest: string; tar: Buffer }): void {
  kept.drop(before);
  const layer = layerIn(tar);
  if (layer) kept.put(digest, layer);
}

/** By their paths in the layer. What is another file by now is left to the run that this brings. */
async function contentsOf({ edits }: LayerEdits, { disk, at }: Exchange): Promise<Map<string, Buffer> | Declined> {
  const contents = new Map<string, Buffer>();
  for (const edit of edits) {
    if (edit.is === 'removed' || isOfDir(edit)) continue;
    const parts: Uint8Array[] = [];
    let size = 0;
    if (edit.now.size > limits.exchangeTarBytes) return declined(`${edit.now.path} is too large`);
    for await (const part of disk.read(edit.now)) {
      size += part.length;
      parts.push(part);
    }
    const content = Buffer.concat(parts);
    if (size !== edit.now.size || at.digestOf(content) !== `sha256:${edit.now.hash}`)
      return declined(`${edit.now.path} changed while it was read`);
    contents.set(edit.path, content);
  }
  return contents;
}
