// What containers of an image in a registry would see: its layers put over each other, as the image specification says.
import { createHash } from 'node:crypto';
import type { Repository } from '../../../src/model/ports/registry.ts';
import { documentOf, type ImageDocument, onlyImageOf } from '../../../src/update/image/exchange/document.ts';
import { unpacked } from '../../../src/update/image/exchange/packing.ts';
import { entriesOf } from '../../../src/update/image/exchange/tar.ts';

const never = new AbortController().signal;

export interface Seen {
  /** By path: type, mode, owner, and content or target. */
  readonly files: Readonly<Record<string, string>>;
  /** The configuration without layers, history and times. */
  readonly config: unknown;
}

export const layersIn = async (repository: Repository, digest: string): Promise<readonly string[]> =>
  (await documentAt(repository, digest)).layers.map((layer) => layer.digest);

async function documentAt(repository: Repository, digest: string): Promise<ImageDocument> {
  const outer = await repository.manifest(digest, never);
  const only = onlyImageOf(outer!);
  if (only && 'is' in only) throw new Error(only.because);
  const manifest = only ? await repository.manifest(only.digest, never) : outer;
  const { config } = JSON.parse(manifest!.content.toString()) as { config: { digest: string } };
  const document = documentOf(manifest!, (await repository.blob(config.digest, 1e7, never))!);
  if (document.is === 'declined') throw new Error(document.because);
  return document;
}

export async function seenIn(repository: Repository, digest: string): Promise<Seen> {
  const document = await documentAt(repository, digest);
  const files = new Map<string, string>();
  for (const { digest: layer, size, packing } of document.layers) {
    const blob = (await repository.blob(layer, size, never))!;
    const tar = (await unpacked(blob, packing!))!;
    // What the configuration says of it has to be so.
    const diff = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
    const told = document.config.rootfs as { diff_ids: readonly string[] };
    if (!told.diff_ids.includes(diff)) throw new Error(`${layer} is not what the configuration says`);
    over(files, tar);
  }
  const { rootfs: _, history: __, created: ___, ...rest } = document.config;
  return { files: Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))), config: rest };
}

function over(files: Map<string, string>, tar: Buffer): void {
  for (const { path, type, mode, target, header, size, extended } of entriesOf(tar)!.entries) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const above = path.slice(0, path.lastIndexOf('/') + 1);
    if (name === '.wh..wh..opq') removeAll(files, above);
    else if (name.startsWith('.wh.')) removeAll(files, `${above}${name.slice(4)}`);
    else {
      if (type !== '5') removeAll(files, `${path}/`);
      const owner = tar.toString('latin1', header + 108, header + 124).replace(/[^0-7]+/g, ' ');
      const content =
        type === '0'
          ? createHash('sha256')
              .update(tar.subarray(header + 512, header + 512 + size))
              .digest('hex')
          : target;
      const attributes = [...extended.keys()].filter((key) => key.startsWith('SCHILY')).join();
      files.set(path, `${type} ${mode.toString(8)} ${owner} ${content} ${attributes}`);
    }
  }
}

function removeAll(files: Map<string, string>, from: string): void {
  for (const path of [...files.keys()])
    if (path === from || path.startsWith(from.endsWith('/') ? from : `${from}/`)) files.delete(path);
}
