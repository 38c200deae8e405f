// Entries as a tar stream: in their order, times and owners fixed, so that the same files give the same bytes. Small files are
// read whole; of a large one a few chunks are in memory.
import { Readable } from 'node:stream';
import { limits } from '../../../model/limits.ts';
import type { DiskPort, TreeEntry } from '../../../model/ports.ts';
import { breathing } from '../scan.ts';
import { openLarge, readSmall } from './entry-content.ts';
import { padding, type TarHead, tarEnd, tarHead } from './tar-header.ts';

type TarOptions = NonNullable<Parameters<DiskPort['tar']>[1]>;

/** Fails with a problem when a file vanishes or shrinks while it is packed: its header is out, nothing may stand in. */
export function tar(entries: readonly TreeEntry[], options: TarOptions = {}): Readable {
  const archive = Readable.from(gathered(pieces(entries, options)), { objectMode: false });
  // Whoever reads hears of a fault by the read; one that has stopped reading has no use for it.
  archive.on('error', () => {});
  return archive;
}

/** Many small files are few writes. */
async function* gathered(each: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of each) {
    held.push(piece);
    size += piece.length;
    if (size < limits.readWholeBytes) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  yield Buffer.concat(held);
}

async function* pieces(entries: readonly TreeEntry[], options: TarOptions): AsyncGenerator<Buffer> {
  for (const { path, content, mode = 0o644 } of options.extra ?? []) {
    const body = Buffer.from(content);
    yield whole(headOf({ path, type: 'file', mode }, options), body);
  }
  const breather = breathing(limits.sliceMs);
  for (const entry of entries) {
    const small = smallEntry(entry, options);
    if (small) yield small;
    else yield* largeEntry(entry, options);
    await breather();
  }
  yield tarEnd;
}

type Named = Pick<TreeEntry, 'path' | 'type' | 'mode' | 'target' | 'uid' | 'gid'>;

function headOf(entry: Named, { prefix = '', uid = 0, gid = 0, mtime = 0 }: TarOptions): TarHead {
  const { type, mode, target } = entry;
  return {
    path: prefix + entry.path,
    type,
    mode,
    target,
    uid: entry.uid ?? uid,
    gid: entry.gid ?? gid,
    size: 0,
    mtime,
  };
}

const whole = (head: TarHead, body: Buffer): Buffer =>
  Buffer.concat([tarHead({ ...head, size: body.length }), body, padding(body.length)]);

function smallEntry(entry: TreeEntry, options: TarOptions): Buffer | null {
  const body = entry.type === 'file' ? readSmall(entry) : Buffer.alloc(0);
  return body && whole(headOf(entry, options), body);
}

async function* largeEntry(entry: TreeEntry, options: TarOptions): AsyncGenerator<Buffer> {
  const { size, chunks } = await openLarge(entry);
  yield tarHead({ ...headOf(entry, options), size });
  yield* chunks;
  yield padding(size);
}
