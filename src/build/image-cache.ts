// Images by what went into them, across sessions: .sluice/images.json, always checked against the daemon before it is believed.
import { limits } from '../model/limits.ts';
import type { DiskPort } from '../model/ports.ts';
import type { BuiltImage } from '../model/run.ts';

export interface ImageCache {
  /** The image made from exactly this input for this destination, if one is remembered. */
  find(ref: string, inputDigest: string, repository: string): Promise<BuiltImage | null>;
  remember(image: BuiltImage): Promise<void>;
}

type Remembered = Record<string, BuiltImage[]>;

export function createImageCache(disk: Pick<DiskPort, 'load' | 'save'>, dir: string): ImageCache {
  let all: Promise<Remembered> | null = null;
  const load = (): Promise<Remembered> => {
    all ??= disk.load(dir, 'images.json').then((value) => (isRemembered(value) ? value : {}));
    return all;
  };
  let saving: Promise<void> = Promise.resolve();
  return {
    async find(ref, inputDigest, repository) {
      const images = (await load())[ref] ?? [];
      return (
        images.find((image) => image.inputDigest === inputDigest && image.tagged.startsWith(`${repository}:`)) ?? null
      );
    },
    async remember(image) {
      const images = await load();
      const others = (images[image.ref] ?? []).filter((it) => it.tagged !== image.tagged);
      images[image.ref] = [image, ...others].slice(0, limits.buildsRemembered);
      saving = saving.then(() => disk.save(dir, 'images.json', images));
      await saving;
    },
  };
}

/** A file written by another version, or by hand, is no cache. */
function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (list) =>
      Array.isArray(list) &&
      list.every(
        (it) => typeof it?.id === 'string' && typeof it?.tagged === 'string' && typeof it?.inputDigest === 'string',
      ),
  );
}
