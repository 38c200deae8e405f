// Everything that goes into an image, as one digest: equal digests need no build.
import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { builderName } from '../../../model/builds/builder.ts';
import { isRemote } from '../../../model/builds/who-builds.ts';
import type { FileSet, ImageSpec } from '../../../model/config.ts';
import { withoutFiles } from '../../../model/fileset.ts';
import type { DiskPort, HashedEntry } from '../../../model/ports.ts';
import { bytesOfName, isText } from '../../../model/text/raw-name.ts';

export interface BuildInput {
  readonly digest: string;
  /** Of all but the entries of the context: two inputs with the same one differ in files of it alone. */
  readonly frame?: string;
  readonly entries: readonly HashedEntry[];
  /** Of directories beside the context, by the names that the Dockerfile has for them. */
  readonly beside?: Readonly<Record<string, readonly HashedEntry[]>>;
  /** The Dockerfile's path seen from the context, which need not hold it. */
  readonly dockerfile: string;
  readonly dockerfileText: string;
  /** It may be another thing without a change here: what was built from it is not taken for it later. */
  readonly isMoving?: boolean;
}

/** What stands in the configuration is no file of the context: a name that none of them has. */
const outside = '../Dockerfile';

/** Lists and hashes what the build of this image sees. `bases`: ids of our own images it is built FROM. */
export async function inputOf(
  spec: ImageSpec,
  bases: readonly string[],
  disk: DiskPort,
  stop: AbortSignal,
): Promise<BuildInput> {
  if (spec.build.is === 'command') return commandInput(spec, spec.build, bases, disk, stop);
  if (spec.build.is === 'elsewhere') return { digest: '', entries: [], dockerfile: '', dockerfileText: '' };
  const { context, dockerfile, inline, recipe: _, copies: __, hidden, builder, directories = {}, ...told } = spec.build;
  // What one builder made is not in the keeping of another.
  const settings = isRemote(spec.build) ? { ...told, builder: builderName(builder) } : told;
  const listed = async (dir: string, files: FileSet, unseen: readonly string[]) =>
    disk.hash(await disk.list(dir, withoutFiles(files, unseen), stop), stop);
  const isFetched = told.remote !== undefined;
  const entries = isFetched ? [] : await listed(context, spec.files, hidden);
  const content = inline ?? (isFetched ? '' : await disk.readText(dockerfile));
  const seen = isFetched ? dockerfile : relative(context, dockerfile).split(sep).join('/');
  const path = inline === undefined ? seen : outside;
  const hash = createHash('sha256');
  const frame = createHash('sha256');
  for (const each of [hash, frame]) each.update(JSON.stringify({ settings, path, content, bases }));
  addEntries(hash, entries);
  const others: Record<string, readonly HashedEntry[]> = {};
  for (const [name, each] of Object.entries(directories)) {
    others[name] = await listed(each.dir, each.files, each.hidden);
    for (const each of [hash, frame]) {
      each.update(JSON.stringify({ name, entries: others[name].length }));
      addEntries(each, others[name]);
    }
  }
  const digest = hash.digest('hex');
  return {
    digest,
    frame: frame.digest('hex'),
    entries,
    beside: others,
    dockerfile: path,
    dockerfileText: content,
    isMoving: isMoving(spec),
  };
}

/** What a URL leads to is another thing tomorrow: its builder is asked each time, and keeps what it has fetched. A commit stays. */
function isMoving({ build }: ImageSpec): boolean {
  if (build.is !== 'dockerfile') return false;
  const urls = [build.remote ?? '', ...Object.values(build.options?.contexts ?? {})].filter(isUrl);
  return urls.some((url) => !/#[0-9a-f]{40}(:|$)/.test(url));
}

const isUrl = (context: string): boolean => context !== '' && !context.startsWith('docker-image://');

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
