// Entries as a tar stream: in their order, times and owners fixed, so that the same files give the same bytes. Small files
// are read whole by synchronous calls, ten times cheaper than promises; of a large one a few chunks are in memory.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header as FullHeader, type Pack, pack } from 'tar-stream';
import { limits } from '../../model/limits.ts';
import type { DiskPort, TreeEntry } from '../../model/ports.ts';
import { ProblemError } from '../../model/problem.ts';
import { breathing } from './scan.ts';

type Header = Partial<FullHeader> & { name: string };
type TarOptions = NonNullable<Parameters<DiskPort['tar']>[1]>;

/** Fails with a problem when a file vanishes or shrinks while it is packed: its header is out, nothing may stand in. */
export function tar(entries: readonly TreeEntry[], options: TarOptions = {}): Readable {
  const archive = pack();
  const write = async () => {
    for (const { path, content, mode = 0o644 } of options.extra ?? []) {
      const body = Buffer.from(content);
      await add(archive, { ...headerOf(path, mode, options), size: body.length }, body);
    }
    const breather = breathing(limits.sliceMs);
    for (const entry of entries) {
      if (archive.destroyed) return;
      await addEntry(archive, entry, options);
      await breather();
    }
    if (archive.destroyed) return;
    archive.finalize();
  };
  write().catch((error) => archive.destroy(error));
  // Whoever reads hears of a fault by the read; one that has stopped reading has no use for it.
  archive.on('error', () => {});
  // tar-stream brings its own Readable, which is one in every respect that pipes and async iteration need.
  return archive as unknown as Readable;
}

function headerOf(path: string, mode: number, { prefix = '', uid = 0, gid = 0, mtime = 0 }: TarOptions): Header {
  return { name: prefix + path, mode, uid, gid, uname: '', gname: '', mtime: new Date(mtime) };
}

/** A small file whole, null for what is larger. */
function readSmall(entry: TreeEntry): Buffer | null {
  if (entry.size > limits.readWholeBytes) return null;
  try {
    const file = openSync(entry.source, 'r');
    try {
      return fstatSync(file).size > limits.readWholeBytes ? null : readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(entry, error as NodeJS.ErrnoException);
  }
}

async function addEntry(archive: Pack, entry: TreeEntry, options: TarOptions): Promise<void> {
  const { uid = options.uid ?? 0, gid = options.gid ?? 0 } = entry;
  const header = { ...headerOf(entry.path, entry.mode, options), uid, gid };
  if (entry.type === 'dir') return add(archive, { ...header, type: 'directory' });
  if (entry.type === 'symlink') return add(archive, { ...header, type: 'symlink', linkname: entry.target ?? '' });
  const whole = readSmall(entry);
  if (whole) return add(archive, { ...header, size: whole.length }, whole);
  const file = await open(entry.source, 'r').catch((error) => {
    throw unreadable(entry, error);
  });
  try {
    await addFile(archive, header, entry, file);
  } finally {
    await file.close();
  }
}

/** As long as it is when opened: it may have grown since it was listed, and grow on. */
async function addFile(archive: Pack, header: Header, entry: TreeEntry, file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const sink = quiet(archive.entry({ ...header, size }));
  await pipeline(contentOf(entry, file, size), sink as unknown as Writable);
}

async function* contentOf(entry: TreeEntry, file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(256 * 1024, size - at)), {
      position: at,
    });
    if (bytesRead === 0) throw changed(entry, 'became shorter');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function add(archive: Pack, header: Header, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    quiet(archive.entry(header, body ?? Buffer.alloc(0), (error) => (error ? reject(error) : resolve())));
  });
}

/** An archive that is given up in mid-entry destroys that entry with an error of its own, beside the answer to its writer. */
const quiet = <T extends ReturnType<Pack['entry']>>(sink: T): T => sink.on('error', () => {});

const unreadable = (entry: TreeEntry, { code }: NodeJS.ErrnoException): ProblemError =>
  changed(entry, code === 'ENOENT' ? 'vanished' : `cannot be read (${code})`);

function changed(entry: TreeEntry, how: string): ProblemError {
  const what = `${entry.source} ${how} while it was packed`;
  const hint = 'if something writes it all the time, ignore it (`ignore`, .dockerignore)';
  return new ProblemError({ kind: 'step', code: 'S503', what, hint });
}
