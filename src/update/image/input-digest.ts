// Everything that goes into an image, as one digest: equal digests need no build.
import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { builderName } from '../../model/builder.ts';
import type { ImageSpec } from '../../model/config.ts';
import { withoutFiles } from '../../model/fileset.ts';
import type { DiskPort, HashedEntry } from '../../model/ports.ts';
import { bytesOfName, isText } from '../../model/raw-name.ts';
import { isRemote } from '../../model/who-builds.ts';

export interface BuildInput {
  readonly digest: string;
  readonly entries: readonly HashedEntry[];
  /** The Dockerfile's path seen from the context, which need not hold it. */
  readonly dockerfile: string;
  readonly dockerfileText: string;
}

/** What stands in the configuration is no file of the context: a name that none of them has. */
const beside = '../Dockerfile';

/** Lists and hashes what the build of this image sees. `bases`: ids of our own images it is built FROM. */
export async function inputOf(
  spec: ImageSpec,
  bases: readonly string[],
  disk: DiskPort,
  stop: AbortSignal,
): Promise<BuildInput> {
  if (spec.build.is === 'command') return commandInput(spec, spec.build, bases, disk, stop);
  if (spec.build.is === 'elsewhere') return { digest: '', entries: [], dockerfile: '', dockerfileText: '' };
  const { context, dockerfile, inline, recipe: _, copies: __, hidden, builder, ...told } = spec.build;
  // What one builder made is not in the keeping of another.
  const settings = isRemote(spec.build) ? { ...told, builder: builderName(builder) } : told;
  const entries = await disk.hash(await disk.list(context, withoutFiles(spec.files, hidden), stop), stop);
  const content = inline ?? (await disk.readText(dockerfile));
  const path = inline === undefined ? relative(context, dockerfile).split(sep).join('/') : beside;
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ settings, path, content, bases }));
  addEntries(hash, entries);
  return { digest: hash.digest('hex'), entries, dockerfile: path, dockerfileText: content };
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
  return { digest: hash.digest('hex'), entries, dockerfile: '', dockerfileText: '' };
}

function addEntries(hash: ReturnType<typeof createHash>, entries: readonly HashedEntry[]): void {
  for (const { path, type, mode, hash: content, target } of entries)
    hash.update(raw(`${type}\0${path}\0${mode & 0o7777}\0${content}\0${target ?? ''}\0`));
}

/** Names that are no text would all be the same in it. */
const raw = (text: string): string | Buffer => (isText(text) ? text : bytesOfName(text));

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
