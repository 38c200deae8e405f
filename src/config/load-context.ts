// What every part of a load works with.
import { resolve } from 'node:path';
import type { BuilderSpec } from '../model/builds/builder.ts';
import type { DiskPort, ProcPort } from '../model/ports.ts';
import { problemCodes } from '../model/problems/code-names.ts';
import { hasCode, isAbort, isProblemError, type Problem } from '../model/problems/problem.ts';
import type { ManifestReader } from './manifests/kept-objects.ts';
import type { Reads } from './reads.ts';
import type { Report } from './report.ts';
import { pathHint } from './values/near-path.ts';
import { realPath } from './values/place.ts';

export interface Loading {
  /** Directory of sluice.yaml: what its paths are relative to. */
  readonly dir: string;
  readonly report: Report;
  readonly reads: Reads;
  readonly disk: DiskPort;
  readonly proc: ProcPort;
  readonly manifests: ManifestReader;
  /** Variables of env files that our own environment does not have: given to every command. */
  readonly env: Readonly<Record<string, string>>;
  /** The configuration itself, by every name it has. */
  readonly configuration: readonly string[];
  /** settings.ignore */
  readonly ignore: readonly string[];
  readonly namespace: string | null;
  /** settings.builder; null: Docker. */
  readonly builder: BuilderSpec | null;
  readonly stop: AbortSignal;
}

/** Text of a file, null where it cannot be read. Watched in either case: it may appear. */
export async function readOr(loading: Pick<Loading, 'disk' | 'reads'>, path: string): Promise<string | null> {
  const real = await watched(path, loading);
  try {
    return (await loading.disk.readText(real)).replace(/^\uFEFF/, '');
  } catch (error) {
    // What is no file at all is told as that, and not as one that is missing.
    if (isAbort(error) || hasCode(error, problemCodes.noRegularFile)) throw error;
    return null;
  }
}

/**
 * The same, but says why it cannot be read: `called` is how the problem names the file, and `given` the path as written, for
 * the nearest that exists.
 */
export async function readNamed(
  loading: Pick<Loading, 'disk' | 'reads'>,
  file: { readonly dir: string; readonly given: string; readonly called: string },
  demands: { readonly most?: number; readonly isText?: boolean } = {},
): Promise<string | Problem> {
  const path = resolve(file.dir, file.given);
  const real = await watched(path, loading);
  try {
    return (await loading.disk.readText(real, demands)).replace(/^\uFEFF/, '');
  } catch (error) {
    if (!isProblemError(error)) throw error;
    const { problem } = error;
    const what = problem.what.startsWith(real) ? `${file.called}${problem.what.slice(real.length)}` : problem.what;
    const hint = await pathHint(file.dir, file.given, problem.hint ?? 'paths are relative to sluice.yaml');
    return { ...problem, what, hint: (await loading.disk.exists(real)) ? (problem.hint ?? hint) : hint };
  }
}

/** Watches a file or directory at its real place, and gives that. */
export async function watched(path: string, loading: Pick<Loading, 'disk' | 'reads'>): Promise<string> {
  const real = await realPath(path, loading);
  loading.reads.add(real);
  return real;
}

/** Is it a directory? Asked of the port that knows only existence. */
export const isDirectory = (disk: DiskPort, path: string): Promise<boolean> => disk.exists(`${path}/.`);

/** As Promise.all, but nothing of them is under way any more when it rejects. */
export async function allOver<T extends readonly Promise<unknown>[]>(
  parts: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(parts);
  return Promise.all(parts) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}
