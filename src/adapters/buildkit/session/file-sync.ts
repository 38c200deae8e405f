// The directories that BuildKit asks a session for: `dockerfile`, the Dockerfile alone, and `context`, which is exactly what
// COPY may see. An archive cannot keep the two apart.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { limits } from '../../../model/limits.ts';
import type { BuildContext, ContextEntry, DockerBuild } from '../../../model/ports.ts';
import { bytesOfName } from '../../../model/text/raw-name.ts';
import { GrpcError, grpcStatus } from '../messages.ts';
import type { GrpcCall, GrpcMethods } from './grpc.ts';
import { dataPacket, endOfFile, endOfList, finPacket, requestOf, statPacket } from './packets.ts';

export interface SyncedDirectory {
  readonly entries: readonly ContextEntry[];
  /** ms since the epoch. */
  readonly mtime: number;
  read(entry: ContextEntry): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export type SyncedDirectories = ReadonlyMap<string, SyncedDirectory>;

/**
 * `filename` is what the builder is told to look for in `dockerfile`: the name alone, wherever it lies on disk. `other` is told
 * when something else is sent than was listed.
 */
export function directoriesOf(
  { context, dockerfile, dockerfileText, directories = {}, remote }: DockerBuild,
  other: () => void,
): {
  readonly filename: string;
  readonly directories: SyncedDirectories;
} {
  const filename = posix.basename(dockerfile);
  // In a context that is fetched from elsewhere the builder has rules to look for.
  const ignored = remote ? {} : { [`${filename}.dockerignore`]: nothingMore };
  const own = inMemory({ [filename]: dockerfileText, ...ignored });
  const seen = (of: BuildContext): SyncedDirectory => ({
    entries: inOrder(of),
    mtime: of.mtime,
    read: (entry: ContextEntry) => compared(entry, of.disk.read(entry), other),
  });
  const offered = new Map<string, SyncedDirectory>();
  if (!remote || remote.isOurs) offered.set('dockerfile', own);
  if (!remote) offered.set('context', seen(context));
  for (const [name, each] of Object.entries(directories)) offered.set(localName(name), seen(each));
  return { filename: remote && !remote.isOurs ? dockerfile : filename, directories: offered };
}

/** Our rules have been applied; beside the Dockerfile it comes with that, and the context is not asked for one before it is fetched. */
const nothingMore = '# nothing more\n';

function inMemory(texts: Readonly<Record<string, string>>): SyncedDirectory {
  const contents = new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
  const entries = [...contents].map(([path, content]): ContextEntry => {
    const hash = createHash('sha256').update(content).digest('hex');
    return { path, type: 'file', source: path, mode: 0o644, size: content.length, hash };
  });
  return { entries, mtime: 0, read: ({ path }) => [contents.get(path)!] };
}

/** Under which name of a session a named context is asked for: those two are taken. */
export const localName = (name: string): string => (name === 'context' || name === 'dockerfile' ? `_${name}` : name);

async function* compared(
  { hash }: ContextEntry,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  other: () => void,
): AsyncGenerator<Uint8Array> {
  const sent = createHash('sha256');
  for await (const chunk of chunks) {
    sent.update(chunk);
    yield chunk;
  }
  if (hash !== undefined && sent.digest('hex') !== hash) other();
}

/** A directory comes before what is in it, names in order of their bytes; BuildKit refuses any other order and any gap. */
function inOrder({ entries }: BuildContext): readonly ContextEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries)
    for (let dir = posix.dirname(path); dir !== '.' && !byPath.has(dir); dir = posix.dirname(dir))
      byPath.set(dir, { path: dir, type: 'dir', source: '', mode: 0o755, size: 0 });
  const keyed = [...byPath.values()].map((entry) => ({ entry, key: orderOf(entry.path) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ entry }) => entry);
}

/** Compares as the bytes of the path with `/` before all else. */
const orderOf = (path: string): string => bytesOfName(path.replaceAll('/', '\0')).toString('latin1');

/** `fault` is told what of the files cannot be read: the builder's own words for it come later and say less. */
export const fileSyncMethods = (directories: SyncedDirectories, fault: (error: unknown) => void): GrpcMethods => ({
  '/moby.filesync.v1.FileSync/DiffCopy': async (call) => {
    const name = String(call.metadata['dir-name']);
    const directory = directories.get(name);
    if (!directory) throw new GrpcError(grpcStatus.notFound, `this build has no directory ${name}`);
    const entries = asked(directory, call.metadata);
    await Promise.all([sendList(call, entries, directory), sendFiles(call, entries, directory, fault)]);
  },
});

/**
 * All of it, whatever is excluded: our rules have been applied. The ignore file of a directory beside the context is asked for on its
 * own before that, and is there only where COPY may see it.
 */
const asked = (
  { entries }: SyncedDirectory,
  { followpaths, ...more }: GrpcCall['metadata'],
): readonly ContextEntry[] =>
  [followpaths, more['include-patterns']].includes('.dockerignore')
    ? entries.filter(({ path }) => path === '.dockerignore')
    : entries;
async function sendList(call: GrpcCall, entries: readonly ContextEntry[], { mtime }: SyncedDirectory): Promise<void> {
  for (let at = 0; at < entries.length; at += limits.syncedStats) {
    await call.send(...entries.slice(at, at + limits.syncedStats).map((entry) => statPacket(entry, mtime)));
    await setImmediate();
  }
  await call.send(endOfList);
}

async function sendFiles(
  call: GrpcCall,
  entries: readonly ContextEntry[],
  { read }: SyncedDirectory,
  fault: (error: unknown) => void,
): Promise<void> {
  let breath = performance.now();
  for await (const message of call.messages) {
    const request = requestOf(message);
    if (request?.is === 'fin') return call.send(finPacket);
    const entry = request && entries[request.id];
    if (entry?.type !== 'file') continue;
    try {
      for await (const chunk of read(entry)) if (chunk.length > 0) await call.send(dataPacket(request!.id, chunk));
    } catch (error) {
      fault(error);
      throw error;
    }
    await call.send(endOfFile(request!.id));
    if (performance.now() - breath < limits.sliceMs) continue;
    await setImmediate();
    breath = performance.now();
  }
}
