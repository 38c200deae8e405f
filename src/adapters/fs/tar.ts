// Entries as a tar stream: in their order, times and owners fixed, so that the same files give the same bytes.
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header as FullHeader, type Pack, pack } from 'tar-stream';
import { limits } from '../../model/limits.ts';
import type { DiskPort, TreeEntry } from '../../model/ports.ts';
import { openLarge, readSmall } from './entry-content.ts';
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

async function addEntry(archive: Pack, entry: TreeEntry, options: TarOptions): Promise<void> {
  const { uid = options.uid ?? 0, gid = options.gid ?? 0 } = entry;
  const header = { ...headerOf(entry.path, entry.mode, options), uid, gid };
  if (entry.type === 'dir') return add(archive, { ...header, type: 'directory' });
  if (entry.type === 'symlink') return add(archive, { ...header, type: 'symlink', linkname: entry.target ?? '' });
  const whole = readSmall(entry);
  if (whole) return add(archive, { ...header, size: whole.length }, whole);
  const { size, chunks } = await openLarge(entry);
  const sink = quiet(archive.entry({ ...header, size }));
  await pipeline(chunks, sink as unknown as Writable);
}

function add(archive: Pack, header: Header, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    quiet(archive.entry(header, body ?? Buffer.alloc(0), (error) => (error ? reject(error) : resolve())));
  });
}

/** An archive that is given up in mid-entry destroys that entry with an error of its own, beside the answer to its writer. */
const quiet = <T extends ReturnType<Pack['entry']>>(sink: T): T => sink.on('error', () => {});
