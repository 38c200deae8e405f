// The entries of a set of files below a directory, hashed: what a build context or a sync consists of.
import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSet } from '../../model/config.ts';
import { matcher } from '../../model/fileset.ts';
import { limits } from '../../model/limits.ts';
import type { TreeEntry } from '../../model/ports.ts';
import { isAbort, ProblemError } from '../../model/problem.ts';
import { folds } from './folding.ts';

/** Content hashes by the identity of a file's content as the kernel tells it. */
export type HashCache = Map<string, string>;

type Found = { readonly path: string; readonly source: string; readonly stat: Stats };

/**
 * Sorted by path; links are not followed. What vanishes meanwhile is left out, as are sockets, pipes and devices, which
 * no archive carries. Rejects with a problem for what cannot be read.
 */
export async function list(root: string, files: FileSet, cache: HashCache, stop: AbortSignal): Promise<TreeEntry[]> {
  const found: Found[] = [];
  const belongs = matcher(files, { folds: folds(root) });
  for (const pending: { dir: string; prefix: string }[] = [{ dir: root, prefix: '' }]; pending.length > 0; ) {
    stop.throwIfAborted();
    const { dir, prefix } = pending.pop()!;
    const children = (await readdir(dir, { withFileTypes: true }).catch((error) => missingOr(error, dir))) ?? [];
    await inParallel(children, async (child) => {
      const source = join(dir, child.name);
      if (child.isDirectory() && belongs.mayDescend(source))
        pending.push({ dir: source, prefix: `${prefix}${child.name}/` });
      if (!belongs.has(source)) return;
      const stat = await lstat(source).catch((error) => missingOr(error, source));
      if (stat) found.push({ path: prefix + child.name, source, stat });
    });
  }
  const entries = await inParallel(found, (each) => entryOf(each, cache, stop));
  return entries.filter((each) => each !== null).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function entryOf({ path, source, stat }: Found, cache: HashCache, stop: AbortSignal): Promise<TreeEntry | null> {
  const mode = stat.mode & 0o7777;
  if (stat.isDirectory()) return { path, type: 'dir', source, mode, size: 0, hash: '' };
  if (stat.isSymbolicLink()) {
    const target = await readlink(source).catch((error) => missingOr(error, source));
    if (target === null) return null;
    const hash = createHash('sha256').update(target).digest('hex');
    return { path, type: 'symlink', source, mode, size: 0, hash, target };
  }
  if (!stat.isFile()) return null;
  const hash = await hashOf(source, stat, cache, stop).catch((error) => missingOr(error, source));
  return hash === null ? null : { path, type: 'file', source, mode, size: stat.size, hash };
}

async function hashOf(path: string, stat: Stats, cache: HashCache, stop: AbortSignal): Promise<string> {
  const identity = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
  const known = cache.get(identity);
  if (known) return known;
  const hash = createHash('sha256');
  // A stream costs more than a small file.
  const chunks = stat.size <= limits.readAheadBytes ? [await readFile(path)] : largeFile(path);
  for await (const chunk of chunks) {
    stop.throwIfAborted();
    hash.update(chunk);
  }
  const digest = hash.digest('hex');
  // So young, a second write within the same tick of the clock would have the same identity.
  if (Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) < limits.racyMs) return digest;
  if (cache.size >= limits.hashCache) cache.clear();
  cache.set(identity, digest);
  return digest;
}

const largeFile = (path: string) => createReadStream(path, { highWaterMark: 256 * 1024 });

/** Null where the file is gone, which is no failure; a problem where it is there and cannot be read. */
function missingOr(error: NodeJS.ErrnoException, path: string): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  if (isAbort(error)) throw error;
  const what = `${path} cannot be read: ${error.code ?? error.message}`;
  const hint = 'give yourself read permission, or ignore it (`ignore`, .dockerignore)';
  throw new ProblemError({ kind: 'yours', code: 'S502', what, hint });
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.readParallel, items.length) }, lane));
  return results;
}
