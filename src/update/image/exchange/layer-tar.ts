// A layer with the contents of some of its files exchanged, some taken away and some added; all else of it stays as its builder has
// written it, byte for byte. Each file that goes is compared with what it is taken for.
import { createHash } from 'node:crypto';
import { bytesOfName } from '../../../model/text/raw-name.ts';
import { type Declined, declined } from '../../live/transport.ts';
import type { Edit } from './difference.ts';
import type { TailCopy } from './tail.ts';
import { ending, entriesOf, headersFor, headerWith, padding, type TarEntry } from './tar.ts';

export interface Layer {
  readonly tar: Buffer;
  readonly entries: readonly TarEntry[];
  /** By path; null for a path that is in it more than once. */
  readonly byPath: ReadonlyMap<string, TarEntry | null>;
  /** Where the blocks of zeros begin. */
  readonly end: number;
}

/** Null for a tar that is not to be read for certain. */
export function layerIn(tar: Buffer): Layer | null {
  const read = entriesOf(tar);
  if (read === null) return null;
  const paths = new Map<string, TarEntry | null>();
  for (const entry of read.entries) paths.set(entry.path, paths.has(entry.path) ? null : entry);
  return { tar, ...read, byPath: paths };
}

export const holdsFile = ({ byPath }: Layer, path: string): boolean => byPath.get(path)?.type === '0';

/** `mode` null: any. */
export function holdsDir({ byPath }: Layer, path: string, mode: number | null): boolean {
  const entry = byPath.get(path);
  return entry?.type === '5' && (mode === null || (entry.mode & 0o7777) === (mode & 0o7777));
}

/** Does it hold this very file, and is that no other one's content as well? `hash`: sha256 in hex; `mode` null: any. */
export function holds({ tar, byPath, entries }: Layer, path: string, hash: string, mode: number | null): boolean {
  const entry = byPath.get(path);
  if (entry?.type !== '0' || (mode !== null && (entry.mode & 0o7777) !== (mode & 0o7777))) return false;
  if (entries.some(({ type, target }) => type === '1' && `/${target.replace(/^(\.?\/)+/, '')}` === path)) return false;
  const content = tar.subarray(entry.header + 512, entry.header + 512 + entry.size);
  return createHash('sha256').update(content).digest('hex') === hash;
}

/** `contents`: of what is exchanged or added, by their paths in the layer. Declined where a file would be added to what is not known. */
export function edited(
  layer: Layer,
  edits: readonly Edit[],
  copy: TailCopy,
  contents: ReadonlyMap<string, Buffer>,
): Buffer | Declined {
  const byPath = new Map(edits.map((edit) => [edit.path, edit]));
  const parts: Buffer[] = [];
  for (const entry of layer.entries) {
    const edit = byPath.get(entry.path);
    if (!edit) parts.push(layer.tar.subarray(entry.from, entry.to));
    else if (edit.is === 'exchanged') parts.push(...exchanged(layer, entry, edit, copy, contents.get(edit.path)));
  }
  // Each directory before what is in it.
  const added = edits.filter((edit) => edit.is === 'added').sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const [i, edit] of added.entries()) {
    const model = modelFor(edit.path, layer, added.slice(0, i));
    if (model === null) return declined(`nothing beside ${edit.now.path} says how it would be copied`);
    const header = layer.tar.subarray(model.header, model.header + 512);
    const mode = copy.mode === 'kept' ? modeOf(model, edit.now.mode) : model.mode;
    if (edit.now.type === 'dir') parts.push(directory(header, edit.path, mode));
    else {
      const content = contents.get(edit.path)!;
      parts.push(
        headersFor(header, nameOf(edit.path), { mode, size: content.length }),
        content,
        padding(content.length),
      );
    }
  }
  return Buffer.concat([...parts, ending]);
}

const nameOf = (path: string): Buffer => bytesOfName(path.slice(1));

function exchanged(
  { tar }: Layer,
  entry: TarEntry,
  edit: Extract<Edit, { is: 'exchanged' }>,
  { mode }: TailCopy,
  content: Buffer = Buffer.alloc(0),
): readonly Buffer[] {
  const { from, header } = entry;
  const changed = { size: content.length, ...(mode === 'kept' ? { mode: modeOf(entry, edit.now.mode) } : {}) };
  const head = headerWith(tar.subarray(header, header + 512), changed);
  return [tar.subarray(from, header), head, content, padding(content.length)];
}

/** Docker 20.10 writes into a mode what kind of file it is of, newer ones do not: what is beside it is the pattern. */
const modeOf = (like: TarEntry, mode: number): number => (like.mode & ~0o7777) | (mode & 0o7777);

/** Of a path itself; of times it may have more, but of no attributes. */
const plain: ReadonlySet<string> = new Set(['path', 'mtime', 'atime', 'ctime']);

/**
 * A file that the same instruction has copied, of the same directory where there is one: the new one is its like. Nothing may stand
 * at the path, and what it is in is a directory of this layer, no link. `added`: directories and files that are new before it.
 */
function modelFor(path: string, { entries, byPath }: Layer, added: readonly Edit[]): TarEntry | null {
  const dir = path.slice(0, path.lastIndexOf('/'));
  const isDir = dir === '' || byPath.get(dir)?.type === '5' || added.some((edit) => edit.path === dir);
  if (byPath.has(path) || !isDir) return null;
  const files = entries.filter(
    ({ type, extended }) => type === '0' && [...extended.keys()].every((key) => plain.has(key)),
  );
  return files.find((entry) => entry.path.slice(0, entry.path.lastIndexOf('/')) === dir) ?? files[0] ?? null;
}

/** With the owner that a file of `header` has. What writes a file's kind into its mode does so of directories. */
function directory(header: Buffer, path: string, mode: number): Buffer {
  const kind = mode > 0o7777 ? 0o040000 : 0;
  const name = Buffer.concat([nameOf(path), Buffer.from('/')]);
  return headersFor(header, name, { mode: kind | (mode & 0o7777), size: 0 }, '5');
}
