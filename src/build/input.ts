// Everything that goes into an image, as one digest: equal digests need no build.
import { createHash } from 'node:crypto';
import { isAbsolute, relative, sep } from 'node:path';
import type { ImageSpec } from '../model/config.ts';
import type { DiskPort, HashedEntry, TreeEntry } from '../model/ports.ts';

export interface BuildInput {
  readonly digest: string;
  readonly entries: readonly TreeEntry[];
  /** Path of the Dockerfile inside the context tar. */
  readonly dockerfile: string;
  readonly dockerfileText: string;
  /** A Dockerfile from outside its context travels with it. */
  readonly extra: readonly { readonly path: string; readonly content: string }[];
}

/** Name of a Dockerfile that lies outside its context, inside the tar; dot-files of ours cannot collide with the user's. */
const outside = '.sluice.Dockerfile';

/** Lists and hashes what the build of this image sees. `bases`: ids of our own images it is built FROM. */
export async function inputOf(
  spec: ImageSpec,
  bases: readonly string[],
  disk: DiskPort,
  stop: AbortSignal,
): Promise<BuildInput> {
  if (spec.build.is === 'command') return commandInput(spec, spec.build, bases, disk, stop);
  if (spec.build.is === 'elsewhere') return { digest: '', entries: [], dockerfile: '', dockerfileText: '', extra: [] };
  const { context, dockerfile, ...settings } = spec.build;
  const entries = await disk.hash(await disk.list(context, spec.files, stop), stop);
  const inside = relative(context, dockerfile);
  const isOutside = inside.startsWith('..') || isAbsolute(inside);
  const content = await disk.readText(dockerfile);
  const path = isOutside ? outside : inside.split(sep).join('/');
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ settings, path, content, bases }));
  addEntries(hash, entries);
  return {
    digest: hash.digest('hex'),
    entries,
    dockerfile: path,
    dockerfileText: content,
    extra: isOutside ? [{ path, content }] : [],
  };
}

async function commandInput(
  spec: ImageSpec,
  build: { command: string; dir: string },
  bases: readonly string[],
  disk: DiskPort,
  stop: AbortSignal,
): Promise<BuildInput> {
  const hash = createHash('sha256').update(JSON.stringify({ build, bases }));
  // What it needs may lie anywhere.
  const entries = await disk.hash(await disk.list('/', spec.files, stop), stop);
  addEntries(hash, entries);
  return { digest: hash.digest('hex'), entries, dockerfile: '', dockerfileText: '', extra: [] };
}

function addEntries(hash: ReturnType<typeof createHash>, entries: readonly HashedEntry[]): void {
  for (const { path, type, mode, hash: content, target } of entries)
    hash.update(`${type}\0${path}\0${mode & 0o7777}\0${content}\0${target ?? ''}\0`);
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
