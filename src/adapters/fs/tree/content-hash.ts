// Content hashes of listed files: what tells whether an image has to be built. Several files at once, since a build context
// may be large and lie on a slow disk; what the kernel calls unchanged is not read again.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { limits } from '../../../model/limits.ts';
import type { HashedEntry, TreeEntry } from '../../../model/ports.ts';
import { bytesOfName, osPath } from '../../../model/text/raw-name.ts';
import { missingOr } from './read-failure.ts';

/** Content hashes by the identity of a file's content as the kernel tells it. */
export type HashCache = Map<string, string>;

/** In the same order; what vanished meanwhile is left out. Rejects with a problem for what cannot be read. */
export async function hash(
  entries: readonly TreeEntry[],
  cache: HashCache,
  stop: AbortSignal,
): Promise<readonly HashedEntry[]> {
  const hashed: (HashedEntry | null)[] = [];
  let next = 0;
  const lane = async () => {
    while (next < entries.length) {
      const at = next++;
      hashed[at] = await hashedEntry(entries[at]!, cache, stop);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.readParallel, entries.length) }, lane));
  return hashed.filter((entry) => entry !== null);
}

async function hashedEntry(entry: TreeEntry, cache: HashCache, stop: AbortSignal): Promise<HashedEntry | null> {
  if (entry.type === 'dir') return { ...entry, hash: '' };
  if (entry.type === 'symlink') return { ...entry, hash: sha256(bytesOfName(entry.target ?? '')) };
  try {
    return { ...entry, hash: await fileHash(entry, cache, stop) };
  } catch (error) {
    return missingOr(error as NodeJS.ErrnoException, entry.source);
  }
}

async function fileHash(entry: TreeEntry, cache: HashCache, stop: AbortSignal): Promise<string> {
  const { source, size, stamp } = entry;
  const known = stamp && cache.get(stamp.identity);
  if (known) return known;
  const digest = await contentHash(source, size, stop);
  // So young, a second write within the same tick of the clock would have the same identity.
  if (!stamp || Date.now() - stamp.at < limits.racyMs) return digest;
  if (cache.size >= limits.hashCache) cache.clear();
  cache.set(stamp.identity, digest);
  return digest;
}

async function contentHash(path: string, size: number, stop: AbortSignal): Promise<string> {
  // A stream costs more than a small file.
  if (size <= limits.readWholeBytes) return sha256(await readFile(osPath(path)));
  const content = createHash('sha256');
  for await (const chunk of createReadStream(osPath(path), { highWaterMark: 256 * 1024 })) {
    stop.throwIfAborted();
    content.update(chunk);
  }
  return content.digest('hex');
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
