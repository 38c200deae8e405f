// How containers of a built image start, read from what the builder keeps: its manifest, then its configuration.
import type { ImageStart } from '../../model/ports/builder.ts';
import type { Control } from './control.ts';

type Start = Pick<ImageStart, 'entrypoint' | 'cmd'>;

/** Of an image of several platforms, the first. Null where the builder does not tell. */
export async function imageStart(control: Control, digest: string, stop: AbortSignal): Promise<Start | null> {
  try {
    const read = async (of: string): Promise<Parsed> => JSON.parse((await control.content(of, stop)).toString('utf8'));
    const top = await read(digest);
    const of = top.manifests?.find(({ platform }) => platform?.os !== 'unknown')?.digest;
    const { config } = of === undefined ? top : await read(of);
    if (typeof (config as Described | undefined)?.digest !== 'string') return null;
    const { Entrypoint, Cmd } = ((await read((config as Described).digest)).config ?? {}) as Configured;
    return { entrypoint: texts(Entrypoint), cmd: texts(Cmd) };
  } catch {
    stop.throwIfAborted();
    return null;
  }
}

interface Described {
  readonly digest: string;
  readonly platform?: { readonly os?: string };
}

interface Configured {
  readonly Entrypoint?: unknown;
  readonly Cmd?: unknown;
}

interface Parsed {
  readonly manifests?: readonly Described[];
  /** Of a manifest where that lies; of a configuration what containers are made from. */
  readonly config?: Described | Configured;
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
