// `explain PATH`: what a change to one path means, by the same rules that sessions follow. Asks neither Docker nor cluster.
import { dirname } from 'node:path';
import { neverExchangeable } from '../../model/builds/exchangeable.ts';
import type { Config, FileSet, ImageSpec } from '../../model/config.ts';
import { matcher } from '../../model/fileset.ts';
import type { DiskPort } from '../../model/ports.ts';
import type { Problem } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { loaded } from '../../sources/config-load.ts';
import { needsBuilder } from '../../update/image/exchange/image.ts';
import { wire } from '../../wiring.ts';
import { type Effect, effectOnImages, effectOnLocal, type Touched } from './effect.ts';
import { type Ignored, ignoring } from './ignore-reason.ts';
import { together } from './together.ts';

export interface Explanation {
  /** Absolute. */
  readonly path: string;
  /** A path that does not exist is explained as one that was deleted. */
  readonly exists: boolean;
  readonly effects: readonly Effect[];
  /** What it would belong to, were it not left out. */
  readonly ignored: readonly Ignored[];
  /** The configuration is made from it, and would be loaded again. */
  readonly reloads: boolean;
  /** Resources with objects that stand in it: what of them it changes is applied. */
  readonly defines: readonly string[];
}

export interface ExplainRequest {
  readonly file: string;
  readonly context: string | null;
  readonly namespace: string | null;
  /** Absolute. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Explained = Explanation | { readonly problems: readonly Problem[] };

/** Gives the problems of the configuration instead where it cannot be used. */
export async function explainPath(request: ExplainRequest, stop: AbortSignal): Promise<Explained> {
  const wired = wire({ ...request, dir: dirname(request.file), spills: false });
  const { disk } = wired.ports;
  try {
    const found = await loaded(request, wired.ports, stop);
    if ('problems' in found) return found;
    const { config } = found;
    // A link among what is named leads to what is watched; a link within is watched itself.
    const { real } = await disk.follow(request.path);
    const isLink = isWatchedAnywhere(config, request.path);
    const path = isLink ? request.path : real;
    const exists = await disk.exists(path);
    const touched = await touchedBy(config, path, disk);
    return {
      path,
      exists,
      effects: effects(config, touched, path, exists ? 'changed' : 'removed'),
      ignored: await ignoring(config, path, disk),
      reloads: isWatched(config.reads, path) || isWatched(config.reads, request.path),
      defines: definedIn(config, path),
    };
  } finally {
    await wired.close();
  }
}

const isWatchedAnywhere = (config: Config, path: string): boolean =>
  [...Object.values(config.images), ...Object.values(config.resources)].some(
    (each) => 'files' in each && isWatched(watchedOf(each), path),
  );

const watchedOf = ({ files, watched = files }: Pick<ImageSpec, 'files' | 'watched'>): FileSet => watched;

const isWatched = (files: Config['reads'], path: string): boolean => matcher(files, { watching: true }).has(path);

const definedIn = (config: Config, path: string): readonly string[] =>
  config.order.filter((name) => {
    const spec = lookup(config.resources, name);
    return spec?.kind === 'kubernetes' && spec.objects.some(({ at }) => at.file === path);
  });

async function touchedBy(config: Config, path: string, disk: DiskPort): Promise<Touched> {
  const changed = Object.values(config.images).filter((image) => isWatched(watchedOf(image), path));
  const exchangeable = new Set<string>();
  for (const image of changed) if (await takesWithoutBuilder(image, path, disk)) exchangeable.add(image.ref);
  return { changed: new Set(changed.map(({ ref }) => ref)), exchangeable };
}

/** As far as its configuration and its Dockerfile tell. */
async function takesWithoutBuilder(spec: ImageSpec, path: string, disk: DiskPort): Promise<boolean> {
  const { build } = spec;
  if (build.is !== 'dockerfile' || neverExchangeable(spec) !== null) return false;
  if (!path.startsWith(`${build.context}/`) || path === build.dockerfile) return false;
  const text = build.inline ?? (await disk.readText(build.dockerfile).catch(() => null));
  return text !== null && needsBuilder(spec, text, [path.slice(build.context.length + 1)]) === null;
}

/** In the order of the resources. */
function effects(config: Config, touched: Touched, path: string, kind: 'changed' | 'removed'): readonly Effect[] {
  const each = config.order.flatMap((name) => {
    const spec = lookup(config.resources, name);
    if (spec && spec.kind !== 'local')
      return spec.images.some((ref) => touched.changed.has(ref))
        ? [effectOnImages(config, spec, touched, path, kind)]
        : [];
    return spec && isWatched(spec.files, path) ? [effectOnLocal(config, spec)] : [];
  });
  return together(config, each);
}
