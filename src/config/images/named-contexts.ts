// What names in FROM and --from stand for besides stages: directories, images, git and http URLs.
import { resolve } from 'node:path';
import type { DirectoryContext, FileSet } from '../../model/config.ts';
import { isDirectory, type Loading } from '../load-context.ts';
import type { RawImage } from '../schema/schema.ts';
import { pathHint } from '../values/near-path.ts';
import { followed } from '../values/place.ts';
import type { Path } from '../yaml/document.ts';
import { contextFiles } from './build-context.ts';

/** What a builder fetches by itself; `git@HOST:PATH` and `github.com/…` are short forms of BuildKit's. */
export const isUrl = (context: string): boolean => /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);

const isImage = (context: string): boolean => context.startsWith('docker-image://');

export interface NamedContexts {
  readonly directories: Readonly<Record<string, DirectoryContext>>;
  /** Those that the builder fetches. */
  readonly fetched: Readonly<Record<string, string>>;
  /** What is watched of the directories. */
  readonly files: readonly FileSet[];
  /** Images among them, as written. */
  readonly images: readonly string[];
}

export async function namedContexts(
  contexts: NonNullable<RawImage>['contexts'],
  path: Path,
  loading: Loading,
): Promise<NamedContexts> {
  const entries = Object.entries(contexts ?? {});
  const fetched = entries.filter(([, value]) => isUrl(value) || isImage(value));
  const named = entries.filter(([, value]) => !isUrl(value) && !isImage(value));
  const found = await Promise.all(
    named.map(async ([name, value]) => ({ name, ...(await directory(value, [...path, name], loading)) })),
  );
  return {
    directories: Object.fromEntries(found.map(({ name, seen }) => [name, seen])),
    fetched: Object.fromEntries(fetched),
    files: found.map(({ files }) => files),
    images: fetched.flatMap(([, value]) => (isImage(value) ? [value.slice('docker-image://'.length)] : [])),
  };
}

/** As a context of its own: its own .dockerignore counts, and settings.ignore. */
async function directory(
  value: string,
  path: Path,
  loading: Loading,
): Promise<{ readonly seen: DirectoryContext; readonly files: FileSet }> {
  const { dir, disk, report } = loading;
  const given = resolve(dir, value);
  if (/^[a-z-]+:/.test(value)) {
    const hint = 'write a directory, docker-image://REF, or a git or http URL';
    report.add('S103', path, `${value} is no context that a builder could fetch`, hint);
  } else if (!(await isDirectory(disk, given))) {
    const what = (await disk.exists(given)) ? 'is no directory' : 'does not exist';
    report.add(
      'S114',
      path,
      `the context ${value} ${what}`,
      await pathHint(dir, value, 'paths are relative to sluice.yaml'),
    );
  }
  const place = { given, ...(await followed(given, loading)) };
  const { files, hidden } = await contextFiles(place, null, {}, loading);
  return { seen: { dir: place.real, files, hidden }, files };
}
