// What stands at paths of an image: read from the heads of archives of a container that is made for it and never started.
import type { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { extract, type Header } from 'tar-stream';
import { limits } from '../../../model/limits.ts';
import type { PlaceEntry } from '../../../model/ports.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, statusOf } from '../connection/failure.ts';

export async function placeEntries(
  client: Client,
  ref: string,
  paths: readonly string[],
  stop: AbortSignal,
): Promise<readonly PlaceEntry[]> {
  try {
    const made = await client.docker.createContainer({ Image: ref, Entrypoint: ['-'], abortSignal: stop });
    try {
      const all: PlaceEntry[] = [];
      for (const path of paths) all.push(await placeEntryAt(made, path, stop));
      return all;
    } finally {
      await made.remove({ force: true });
    }
  } catch (error) {
    throw failureOf(error, client.endpoint, `looking into the image ${ref}`, stop);
  }
}

async function placeEntryAt(made: Container, path: string, stop: AbortSignal): Promise<PlaceEntry> {
  const own = await headOf(made, path, stop);
  const head = own?.type === 'symlink' ? await followed(made, path, stop) : own;
  const is = head?.type === 'directory' ? 'dir' : 'file';
  if (head && (is === 'dir' || head === own)) return { is, mode: (head.mode ?? 0) & 0o7777, ...ownerOf(head) };
  for (let dir = dirOf(path); ; dir = dirOf(dir)) {
    const above = await followed(made, dir, stop);
    if (above?.type === 'directory' || dir === '/') return { is: 'nothing', mode: 0, ...ownerOf(above) };
  }
}

const ownerOf = (head: Header | null) => ({ uid: head?.uid ?? 0, gid: head?.gid ?? 0 });

/** Links as the kernel follows them, none beyond what it would (40). Null where there is nothing, or a link to nowhere. */
async function followed(made: Container, path: string, stop: AbortSignal): Promise<Header | null> {
  let at = path;
  for (let links = 0; links < limits.linksFollowed; links++) {
    const head = await headOf(made, at, stop);
    if (head?.type !== 'symlink') return head;
    const target = head.linkname ?? '';
    at = target.startsWith('/') ? target : `${dirOf(at) === '/' ? '' : dirOf(at)}/${target}`;
  }
  return null;
}

const dirOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** The first head of the archive at a path; the rest is not read. */
async function headOf(made: Container, path: string, stop: AbortSignal): Promise<Header | null> {
  let archive: Readable;
  try {
    archive = (await made.getArchive({ path, abortSignal: stop })) as unknown as Readable;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
  const unpack = extract();
  try {
    return await new Promise<Header | null>((resolve, reject) => {
      unpack
        .once('entry', resolve)
        .once('finish', () => resolve(null))
        .on('error', reject);
      archive.on('error', reject);
      archive.pipe(unpack as unknown as NodeJS.WritableStream);
    });
  } finally {
    archive.on('error', () => {});
    archive.unpipe();
    archive.destroy();
    unpack.on('error', () => {});
    unpack.destroy();
  }
}
