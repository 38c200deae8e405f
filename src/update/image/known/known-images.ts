// Images by what went into them, across sessions: .sluice/images.json, always checked against the daemon before it is believed.
import { limits } from '../../../model/limits.ts';
import type { DiskPort } from '../../../model/ports.ts';
import type { BuiltImage } from '../../../model/run.ts';
import { serially } from '../../../operators/promises/serially.ts';
import { withoutTag } from '../registry.ts';

export interface ImageCache {
  /** The image made from exactly this input for this destination, if one is remembered. */
  find(ref: string, inputDigest: string, repository: string): Promise<BuiltImage | null>;
  /** All remembered for this reference, newest first. */
  remembered(ref: string): Promise<readonly BuiltImage[]>;
  /** Rejects with S505 where the note cannot be written; this session remembers all the same. */
  remember(image: BuiltImage): Promise<void>;
}

type Remembered = Map<string, readonly BuiltImage[]>;

const note = 'images';

export function createImageCache(disk: Pick<DiskPort, 'load' | 'save'>, dir: string): ImageCache {
  const known: Remembered = new Map();
  // Each writes what it read, with its own change.
  const inTurn = serially();
  const refresh = async (): Promise<void> => {
    // Another session may have written meanwhile.
    for (const [ref, images] of read(await disk.load(dir, note))) known.set(ref, merged(known.get(ref) ?? [], images));
  };
  return {
    find: (ref, inputDigest, repository) =>
      inTurn(async () => {
        if (!known.has(ref)) await refresh();
        const images = known.get(ref) ?? [];
        return (
          images.find((image) => image.inputDigest === inputDigest && withoutTag(image.tagged) === repository) ?? null
        );
      }),
    remembered: (ref) =>
      inTurn(async () => {
        if (!known.has(ref)) await refresh();
        return known.get(ref) ?? [];
      }),
    remember: (image) =>
      inTurn(async () => {
        await refresh();
        known.set(image.ref, merged([image], known.get(image.ref) ?? []));
        await disk.save(dir, note, Object.fromEntries(known));
      }),
  };
}

/** The first ones win over later ones made from the same input for the same place. */
function merged(first: readonly BuiltImage[], later: readonly BuiltImage[]): readonly BuiltImage[] {
  const keyOf = ({ inputDigest, tagged }: BuiltImage): string => `${inputDigest} ${withoutTag(tagged)}`;
  const taken = new Set(first.map(keyOf));
  return [...first, ...later.filter((image) => !taken.has(keyOf(image)))].slice(0, limits.buildsRemembered);
}

/** A file written by another version, or by hand, is no cache: what does not look like an image is left out. */
function read(value: unknown): Remembered {
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).map(([ref, images]) => [ref, Array.isArray(images) ? images.filter(isImage(ref)) : []]),
  );
}

const isImage =
  (ref: string) =>
  (value: unknown): value is BuiltImage => {
    if (typeof value !== 'object' || value === null) return false;
    const fields = value as Record<keyof BuiltImage, unknown>;
    const isText = [fields.id, fields.tagged, fields.inCluster, fields.inputDigest].every(
      (text) => typeof text === 'string',
    );
    const isPushed = fields.pushed === null || typeof fields.pushed === 'string';
    return isText && isPushed && fields.ref === ref && fields.inputDigest !== '' && Number.isInteger(fields.layers);
  };
