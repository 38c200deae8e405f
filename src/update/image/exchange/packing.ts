// Layers unpacked and packed again, each in its own way, as far as this Node knows it.
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { limits } from '../../../model/limits.ts';
import type { Packing } from './document.ts';

type Method = (content: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;

interface Methods {
  readonly pack: Method;
  readonly unpack: Method;
}

/** Node has zstd from 22.15 on. */
interface Zstd {
  readonly zstdCompress?: typeof zlib.gzip;
  readonly zstdDecompress?: typeof zlib.gunzip;
}

function zstd({ zstdCompress, zstdDecompress }: Zstd): Methods | null {
  return zstdCompress && zstdDecompress
    ? { pack: promisify(zstdCompress) as Method, unpack: promisify(zstdDecompress) as Method }
    : null;
}

const as = async (content: Buffer): Promise<Buffer> => content;

const methods: Readonly<Record<Packing, Methods | null>> = {
  none: { pack: as, unpack: as },
  gzip: { pack: promisify(zlib.gzip) as Method, unpack: promisify(zlib.gunzip) as Method },
  zstd: zstd(zlib as Zstd),
};

export const isKnown = (packing: Packing): boolean => methods[packing] !== null;

/** Null for what is not packed so, or larger than limits.exchangeTarBytes. */
export async function unpacked(blob: Buffer, packing: Packing): Promise<Buffer | null> {
  try {
    const tar = (await methods[packing]?.unpack(blob, { maxOutputLength: limits.exchangeTarBytes })) ?? null;
    return tar !== null && tar.length <= limits.exchangeTarBytes ? tar : null;
  } catch {
    return null;
  }
}

/** Quickly rather than tightly: it waits for nobody but a registry nearby. */
export async function packed(tar: Buffer, packing: Packing): Promise<Buffer> {
  const { pack } = methods[packing]!;
  return pack(tar, packing === 'gzip' ? { level: 1 } : {});
}
