// Why a path is left out: which pattern, in which line of which file.
import { join } from 'node:path';
import { type Path, parseSource, type Source } from '../../config/yaml/document.ts';
import type { Config, FileSet, ImageSpec } from '../../model/config.ts';
import { matcher } from '../../model/fileset.ts';
import type { DiskPort } from '../../model/ports.ts';
import type { SourcePos } from '../../model/problems/problem.ts';

export interface Ignored {
  /** `shop/web`, or the name of a local resource. */
  readonly from: string;
  /** As written; null for what is never watched: version control, our own notes, temporary files of editors. */
  readonly pattern: string | null;
  /** Null where the pattern stands in no file. */
  readonly at: SourcePos | null;
}

interface Watched {
  readonly from: string;
  readonly files: FileSet;
  readonly image: ImageSpec | null;
  /** Where it stands in sluice.yaml. */
  readonly path: Path;
}

/** For each image and local resource below whose roots the path lies, and which it does not belong to. */
export async function ignoring(config: Config, path: string, disk: DiskPort): Promise<readonly Ignored[]> {
  const missed = watched(config).filter(
    ({ files }) =>
      matcher({ roots: files.roots, filters: [] }).has(path) && !matcher(files, { watching: true }).has(path),
  );
  if (missed.length === 0) return [];
  const source = parseSource(await textOr(disk, config.file), config.file);
  return Promise.all(
    missed.map(async (each): Promise<Ignored> => {
      const pattern = ignoredBy(each.files, path);
      const at = pattern === null ? null : await placeOf(pattern, each, source, disk);
      return { from: each.from, pattern, at };
    }),
  );
}

/** The last pattern that matches decides; each is asked alone. */
function ignoredBy({ filters }: FileSet, path: string): string | null {
  for (const { base, patterns } of filters) {
    const matches = (pattern: string): boolean =>
      !matcher({ roots: ['/'], filters: [{ base, patterns: [pattern.trim().replace(/^!/, '')] }] }).has(path);
    const last = patterns.findLast(matches)?.trim();
    if (last !== undefined && !last.startsWith('!')) return last;
  }
  return null;
}

function watched({ images, resources }: Config): readonly Watched[] {
  const locals = Object.values(resources).filter((spec) => spec.kind === 'local');
  return [
    ...Object.values(images).map((image) => ({
      from: image.ref,
      files: image.files,
      image,
      path: ['images', image.ref],
    })),
    ...locals.map(({ name, files }) => ({ from: name, files, image: null, path: ['local', name] })),
  ];
}

/** Nearest first: the target's own rules, its .dockerignore, the settings; what no rule names is left out by a list of what is in. */
async function placeOf(
  pattern: string,
  { image, path }: Watched,
  source: Source,
  disk: DiskPort,
): Promise<SourcePos | null> {
  const listed = (list: Path): SourcePos | null => {
    const values = valueAt(source.value, list);
    const i = Array.isArray(values) ? values.findLastIndex((value) => String(value).trim() === pattern) : -1;
    return i < 0 ? null : source.at([...list, i]);
  };
  const found =
    listed([...path, 'ignore']) ?? (await inDockerignore(pattern, image, disk)) ?? listed(['settings', 'ignore']);
  if (found || pattern !== '**') return found;
  const key = ['only', 'deps', 'live'].find((field) => valueAt(source.value, [...path, field]) !== undefined);
  return key ? source.keyAt([...path, key]) : null;
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inside, key) => (inside as Readonly<Record<string, unknown>> | undefined)?.[key], value);

/** The same choice of file as the build makes. */
async function inDockerignore(pattern: string, image: ImageSpec | null, disk: DiskPort): Promise<SourcePos | null> {
  if (image?.build.is !== 'dockerfile') return null;
  const own = `${image.build.dockerfile}.dockerignore`;
  const file = (await disk.exists(own)) ? own : join(image.build.context, '.dockerignore');
  const lines = (await textOr(disk, file)).split(/\r?\n/);
  const line = lines.findLastIndex((text) => text.trim() === pattern);
  return line < 0 ? null : { file, line: line + 1, column: 1 };
}

const textOr = (disk: DiskPort, path: string): Promise<string> => disk.readText(path).catch(() => '');
