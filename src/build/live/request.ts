// From a plan to what one container is asked to do. The disk decides: what a plan calls changed may be gone by now, and
// what was a directory may be a file.
import type { FileSet } from '../../model/config.ts';
import type { DiskPort, TreeEntry } from '../../model/ports.ts';
import type { SyncRequest } from '../synclet/request.ts';
import type { LivePlan, Mapped } from './plan.ts';

type Disk = Pick<DiskPort, 'list' | 'exists'>;

interface Found {
  readonly entry: TreeEntry;
  readonly top: string;
}

/** Lists the files of the plan and tells what goes where; `container` is the name whose process is restarted. */
export async function requestOf(
  plan: LivePlan,
  container: string,
  disk: Disk,
  stop: AbortSignal,
): Promise<SyncRequest> {
  const wanted = [...plan.copies, ...plan.deletes];
  const found = await findAll(wanted, disk, stop);
  const missing = wanted.filter((each) => !each.isInitial && !found.has(each.source));
  const kept = [...found.values()];
  const files = kept.filter(({ entry }) => entry.type !== 'dir');
  const places = new Set(files.map(({ entry }) => `/${entry.path}`));
  // Where a file or link comes, what was below goes with the directory; through a link it would hit another place.
  const removed = missing.filter(({ target, top }) => !ancestors(target, top).some((dir) => places.has(dir)));
  const { gone, alive } = await parentsOf(removed, disk);
  const dirs = kept.filter(({ entry }) => entry.type === 'dir').map(({ entry }) => `/${entry.path}`);
  const above = files.flatMap(({ entry, top }) => ancestors(`/${entry.path}`, top));
  return {
    parents: sorted([...alive, ...above, ...dirs.filter((dir) => kept.every(({ top }) => top !== dir))]),
    removes: sorted(removed.map(({ target }) => target)),
    emptied: sorted(gone).reverse(),
    // A directory whose last file is gone stays, empty, as on disk.
    dirs: sorted([...alive, ...dirs]),
    entries: files.map(({ entry }) => entry),
    runs: plan.runs.map(({ cmd }) => cmd),
    restart: plan.restart === 'process' ? container : null,
  };
}

/** What is on disk of these and below them, by source, with its place in the container. */
async function findAll(wanted: readonly Mapped[], disk: Disk, stop: AbortSignal): Promise<ReadonlyMap<string, Found>> {
  const bySource = new Map(wanted.map((each) => [each.source, each]));
  const bySet = new Map<FileSet, Mapped[]>();
  for (const each of bySource.values()) bySet.set(each.files, [...(bySet.get(each.files) ?? []), each]);
  const found = new Map<string, Found>();
  for (const [files, group] of bySet) {
    const sources = group.map(({ source }) => source);
    const entries = await disk.list(commonDir(sources), { roots: sources, filters: files.filters }, stop);
    for (const entry of entries) {
      const mapped = mappingOf(entry.source, bySource);
      if (!mapped) continue;
      const target = mapped.target === '/' ? '' : mapped.target;
      const path = (target + entry.source.slice(mapped.source.length)).slice(1);
      if (path !== '') found.set(entry.source, { entry: { ...entry, path }, top: mapped.top });
    }
  }
  return found;
}

/** The mapping of a path, or of the nearest directory above it that is mapped. */
function mappingOf(source: string, bySource: ReadonlyMap<string, Mapped>): Mapped | null {
  for (let path = source; path !== ''; path = dirOf(path)) {
    const mapped = bySource.get(path);
    if (mapped) return mapped;
  }
  return null;
}

/** Directories of removed files below their rule's target: `gone` from disk too, or still `alive` there. */
async function parentsOf(removed: readonly Mapped[], disk: Disk): Promise<{ gone: string[]; alive: string[] }> {
  const exists = new Map<string, Promise<boolean>>();
  const gone: string[] = [];
  const alive: string[] = [];
  for (const { source, target, top } of removed) {
    let dir = dirOf(source);
    for (const place of ancestors(target, top).reverse()) {
      if (!exists.has(dir)) exists.set(dir, disk.exists(dir));
      if (await exists.get(dir)) alive.push(place);
      else gone.push(place);
      dir = dirOf(dir);
    }
  }
  return { gone, alive };
}

/** Directories above a target and below the rule's target directory, outermost first. */
function ancestors(target: string, top: string): string[] {
  const above: string[] = [];
  for (let dir = dirOf(target); dir.length > top.length && dir !== ''; dir = dirOf(dir)) above.unshift(dir);
  return above;
}

function commonDir(paths: readonly string[]): string {
  let common = dirOf(paths[0]!);
  for (const path of paths) while (!path.startsWith(`${common}/`)) common = dirOf(common);
  return common === '' ? '/' : common;
}

const dirOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const sorted = (paths: readonly string[]): string[] => [...new Set(paths)].sort();
